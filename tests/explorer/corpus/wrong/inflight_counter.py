# corpus: reader and worker both change the count of requests in flight without a lock: a lost change and the end waits for ever
# finds: data-race
# misconception: nobody-comes-between
# preemptions: 1
# outcome: hung-after-eof
# lines: 21 24
# workload: two-echoes
import itertools
import json
import sys
import threading
import traceback


class InFlight:
    def __init__(self):
        self.count = 0
        self.changed = threading.Event()

    def begin(self):
        self.count += 1

    def finish(self):
        self.count -= 1
        self.changed.set()

    def wait_for_all(self):
        while self.count != 0:
            self.changed.wait()
            self.changed.clear()


class Crew:
    """A pool of our own: it grows as it must, and its threads die with the process."""

    def __init__(self, in_flight):
        self.in_flight = in_flight
        self.tasks = []
        self.cond = threading.Condition()
        threading.Thread(target=self.work, daemon=True).start()

    def later(self, fn, *args):
        self.in_flight.begin()
        with self.cond:
            self.tasks.append((fn, args))
            self.cond.notify()

    def aside(self, fn, *args):
        """For what may take long."""
        self.in_flight.begin()
        threading.Thread(target=self.do, args=(fn, args), daemon=True).start()

    def do(self, fn, args):
        try:
            fn(*args)
        except Exception:
            traceback.print_exc()
        finally:
            self.in_flight.finish()

    def work(self):
        while True:
            with self.cond:
                while not self.tasks:
                    self.cond.wait()
                task = self.tasks.pop(0)
            self.do(*task)


class Node:
    def __init__(self):
        self.id = None
        self.in_flight = InFlight()
        self.crew = Crew(self.in_flight)
        self.numbers = itertools.count()
        self.lock = threading.Lock()
        self.calls = {}

    def send(self, dest, body, call=None):
        with self.lock:
            body["msg_id"] = next(self.numbers)
            if call is not None:
                call["id"] = body["msg_id"]
                self.calls[body["msg_id"]] = call
            sys.stdout.write(json.dumps({"src": self.id, "dest": dest, "body": body}) + "\n")
            sys.stdout.flush()

    def reply(self, msg, **body):
        self.send(msg["src"], dict(body, in_reply_to=msg["body"]["msg_id"]))

    def plain(self, msg):
        body = msg["body"]
        if body["type"] == "init":
            self.reply(msg, type="init_ok")
        elif body["type"] == "echo" and "echo" in body:
            self.reply(msg, type="echo_ok", echo=body["echo"])
        elif body["type"] in ("echo", "proxy"):
            self.reply(msg, type="error", code=12, text="malformed")
        else:
            self.reply(msg, type="error", code=10, text="unsupported")

    def proxy(self, msg):
        call = {"event": threading.Event(), "result": None}
        self.send(msg["body"]["target"], dict(msg["body"]["inner"]), call)
        call["event"].wait(1)
        with self.lock:
            self.calls.pop(call["id"], None)
        if call["result"]:
            self.reply(msg, type="proxy_ok", result=call["result"])
        else:
            self.reply(msg, type="error", code=0, text="timeout")

    def take(self, msg):
        body = msg["body"]
        if "in_reply_to" in body:
            with self.lock:
                call = self.calls.pop(body["in_reply_to"], None)
                if call:
                    call["result"] = body
                    call["event"].set()
        elif body["type"] == "proxy" and "target" in body and "inner" in body:
            self.crew.aside(self.proxy, msg)
        else:
            if body["type"] == "init":
                self.id = body["node_id"]
            self.crew.later(self.plain, msg)


if __name__ == "__main__":
    node = Node()
    for line in sys.stdin:
        try:
            msg = json.loads(line)
            msg["src"], msg["body"]["type"]
        except (ValueError, TypeError, KeyError):
            continue
        node.take(msg)
    node.in_flight.wait_for_all()
