# corpus: an actor that looks who has waited too long only when its mailbox has been empty for 1 s
# expect: no-reply
# suites: async-handler=passed rpc
import json
import sys
import threading
import time
from queue import Empty, Queue

inbox = Queue()


class Actor:
    def __init__(self):
        self.name = None
        self.sent = 0
        self.open = {}  # number of a request of ours -> who asked, until when it may wait

    def send(self, dest, body):
        number, self.sent = self.sent, self.sent + 1
        print(json.dumps({"src": self.name, "dest": dest, "body": body | {"msg_id": number}}), flush=True)
        return number

    def answer(self, asked, body):
        self.send(asked["src"], body | {"in_reply_to": asked["body"]["msg_id"]})

    def give_up(self, now):
        for number in [number for number, (_, until) in self.open.items() if until <= now]:
            asked, _ = self.open.pop(number)
            self.answer(asked, {"type": "error", "code": 0, "text": "timeout"})

    def live(self):
        while True:
            try:
                line = inbox.get(timeout=1)
            except Empty:
                self.give_up(time.monotonic())
                continue
            if line is None:
                break
            self.take(line)
        self.give_up(float("inf"))

    def take(self, line):
        try:
            message = json.loads(line)
            body, _ = message["body"], message["src"]
            kind = body.get("type")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            print(f"no message: {error!r}", file=sys.stderr)
            return
        if "in_reply_to" in body:
            if body["in_reply_to"] in self.open:
                asked, _ = self.open.pop(body["in_reply_to"])
                self.answer(asked, {"type": "proxy_ok", "result": body})
        elif "msg_id" in body:
            self.serve(message, kind, body)

    def serve(self, message, kind, body):
        if kind == "init" and "node_id" in body:
            self.name = body["node_id"]
            self.answer(message, {"type": "init_ok"})
        elif kind == "echo" and "echo" in body:
            self.answer(message, {"type": "echo_ok", "echo": body["echo"]})
        elif kind == "proxy" and {"target", "inner"} <= set(body):
            number = self.send(body["target"], body["inner"])
            self.open[number] = message, time.monotonic() + 1
        else:
            code = 12 if kind in ("init", "echo", "proxy") else 10
            self.answer(message, {"type": "error", "code": code, "text": "cannot be served"})


def read():
    for line in sys.stdin:
        inbox.put(line)
    inbox.put(None)


threading.Thread(target=read).start()
Actor().live()
