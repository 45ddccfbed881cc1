# corpus: each handler has contextlib redirect what it prints: that sets sys.stdout, and for all threads
# finds: data-race
# misconception: none
# preemptions: 1
# outcome: no-reply
# lines: 38
# workload: two-echoes
import contextlib
import io
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
        return n

    def show(self, body):
        """The body as text, written by the printer that we have."""
        text = io.StringIO()
        with contextlib.redirect_stdout(text):
            print(json.dumps(body), end="")
        return text.getvalue()

    def answer(self, msg, body):
        text = self.show({**body, "in_reply_to": msg["body"]["msg_id"]})
        self.send(msg["src"], json.loads(text))

    def ask(self, dest, body):
        box = queue.SimpleQueue()
        n = self.send(dest, body, box)
        try:
            return box.get(timeout=1.0)
        except queue.Empty:
            return None
        finally:
            self.pending.pop(n, None)

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
            self.answer(msg, {"type": "error", "code": 10, "text": "not supported"})

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
