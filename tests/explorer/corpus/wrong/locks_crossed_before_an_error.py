# corpus: an error is counted with one lock held and sent with another, and an echo takes them the other way round
# finds: deadlock
# misconception: opposite-lock-order
# preemptions: 1
# outcome: missing-error
# lines: 33 51
# workload: error-and-echo
import json
import sys
import threading
import queue


class Node:
    def __init__(self):
        self.name = ""
        self.count = 0
        self.out = threading.Lock()
        self.pending = {}
        self.stats = threading.Lock()
        self.served = {}
        self.threads = []

    def send(self, dest, body, box=None):
        with self.out:
            n = self.count
            self.count = n + 1
            if box is not None:
                self.pending[n] = box
            line = json.dumps({"src": self.name, "dest": dest, "body": {**body, "msg_id": n}})
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
            with self.stats:
                self.served["out"] = self.served.get("out", 0) + 1
        return n

    def answer(self, msg, body):
        self.send(msg["src"], {**body, "in_reply_to": msg["body"]["msg_id"]})

    def ask(self, dest, body):
        box = queue.SimpleQueue()
        n = self.send(dest, body, box)
        try:
            return box.get(timeout=1.0)
        except queue.Empty:
            return None
        finally:
            self.pending.pop(n, None)

    def say_error(self, msg, text):
        with self.out:
            n = self.count
            self.count = n + 1
            print(json.dumps({"src": self.name, "dest": msg["src"], "body": {
                "type": "error", "code": 10, "text": text, "msg_id": n,
                "in_reply_to": msg["body"]["msg_id"]}}), flush=True)

    def handle(self, msg):
        body = msg["body"]
        kind = body.get("type")
        if kind == "echo":
            if "echo" not in body:
                self.answer(msg, {"type": "error", "code": 12, "text": "echo is missing"})
            else:
                self.answer(msg, {"type": "echo_ok", "echo": body["echo"]})
        elif kind == "proxy":
            if "target" not in body or "inner" not in body:
                self.answer(msg, {"type": "error", "code": 12, "text": "a field is missing"})
                return
            got = self.ask(body["target"], body["inner"])
            if got is None:
                self.answer(msg, {"type": "error", "code": 0, "text": "no reply"})
            else:
                self.answer(msg, {"type": "proxy_ok", "result": got})
        else:
            with self.stats:
                self.served["bad"] = self.served.get("bad", 0) + 1
                text = f"not supported; {self.served['bad']} so far"
                # the texts go out in the order in which they were counted
                self.say_error(msg, text)

    def run(self):
        for line in sys.stdin:
            try:
                msg = json.loads(line)
                body = msg["body"]
                msg["src"]
            except (ValueError, TypeError, KeyError):
                continue
            if "in_reply_to" in body:
                box = self.pending.pop(body["in_reply_to"], None)
                if box is not None:
                    box.put(body)
            elif body.get("type") == "init":
                self.name = body["node_id"]
                self.answer(msg, {"type": "init_ok"})
            else:
                t = threading.Thread(target=self.handle, args=(msg,))
                t.start()
                self.threads.append(t)
        for t in self.threads:
            t.join()


Node().run()
