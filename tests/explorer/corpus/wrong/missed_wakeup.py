# corpus: the handler looks whether the reply has come before it takes the condition, so a reply that comes in between wakes nobody
# finds: data-race
# misconception: signal-nobody-heard
# preemptions: 1
# outcome: wrong-type
# lines: 22 26 28 47
# workload: proxy-and-echo
import itertools
import json
import queue
import sys
import threading


class Slot:
    def __init__(self):
        self.cond = threading.Condition()
        self.body = None

    def fill(self, body):
        with self.cond:
            self.body = body
            self.cond.notify()

    def get(self, seconds):
        if self.body is None:
            with self.cond:
                if not self.cond.wait(seconds):
                    raise TimeoutError
        return self.body


class Server:
    def __init__(self):
        self.name = ""
        self.ids = itertools.count()
        self.jobs = queue.Queue()
        self.open = {}
        self.lock = threading.Lock()

    def emit(self, dest, **body):
        with self.lock:
            body.setdefault("msg_id", None)
            if body["msg_id"] is None:
                body["msg_id"] = next(self.ids)
            sys.stdout.write(json.dumps({"src": self.name, "dest": dest, "body": body}) + "\n")
            sys.stdout.flush()

    def error(self, msg, code, text):
        self.emit(msg["src"], type="error", code=code, text=text, in_reply_to=msg["body"]["msg_id"])

    def worker(self):
        while (msg := self.jobs.get()) is not None:
            body = msg["body"]
            if body["type"] == "init":
                self.emit(msg["src"], type="init_ok", in_reply_to=body["msg_id"])
            elif body["type"] == "echo" and "echo" in body:
                self.emit(msg["src"], type="echo_ok", echo=body["echo"], in_reply_to=body["msg_id"])
            elif body["type"] in ("echo", "proxy"):
                self.error(msg, 12, "malformed")
            else:
                self.error(msg, 10, "not supported")

    def proxy(self, msg):
        body = msg["body"]
        slot = Slot()
        with self.lock:
            number = next(self.ids)
            self.open[number] = slot
        self.emit(body["target"], **{**body["inner"], "msg_id": number})
        try:
            result = slot.get(1.0)
        except TimeoutError:
            with self.lock:
                self.open.pop(number, None)
            self.error(msg, 0, "no reply")
        else:
            self.emit(msg["src"], type="proxy_ok", result=result, in_reply_to=body["msg_id"])

    def main(self):
        worker = threading.Thread(target=self.worker)
        worker.start()
        for line in sys.stdin:
            try:
                msg = json.loads(line)
                msg["src"], msg["body"]["type"]
            except (ValueError, LookupError, TypeError):
                continue
            body = msg["body"]
            if "in_reply_to" in body:
                with self.lock:
                    slot = self.open.pop(body["in_reply_to"], None)
                if slot is not None:
                    slot.fill(body)
            elif body["type"] == "proxy" and "target" in body and "inner" in body:
                threading.Thread(target=self.proxy, args=(msg,)).start()
            else:
                if body["type"] == "init":
                    self.name = body["node_id"]
                self.jobs.put(msg)
        self.jobs.put(None)


Server().main()
