# corpus: the actor empties its mailbox first and silences the bell afterwards: who posts in between is not heard
# finds: deadlock
# misconception: signal-nobody-heard
# preemptions: 1
# outcome: hung-after-eof
# lines: 25 29 35
# workload: two-echoes
import json
import sys
import threading
from collections import deque


class Actor(threading.Thread):
    """A thread with a mailbox; `receive` is called with each letter."""

    def __init__(self):
        super().__init__()
        self.letters = deque()
        self.bell = threading.Event()
        self.start()

    def post(self, *letter):
        self.letters.append(letter)
        self.bell.set()

    def run(self):
        while True:
            self.bell.wait()
            while self.letters:
                letter = self.letters.popleft()
                if not letter:
                    return
                self.receive(*letter)
            self.bell.clear()

    def receive(self, *letter):
        raise NotImplementedError


class Out:
    """Not an actor: a lock is enough."""

    lock = threading.Lock()
    number = 0
    node = None

    @classmethod
    def send(cls, dest, body, before=None):
        with cls.lock:
            body["msg_id"] = cls.number
            if before:
                before(cls.number)
            cls.number += 1
            sys.stdout.write(json.dumps({"src": cls.node, "dest": dest, "body": body}) + "\n")
            sys.stdout.flush()


class Clerk(Actor):
    def receive(self, src, body):
        reply = self.reply_to(body)
        reply["in_reply_to"] = body["msg_id"]
        Out.send(src, reply)

    def reply_to(self, body):
        if body["type"] == "init":
            return {"type": "init_ok"}
        if body["type"] not in ("echo", "proxy"):
            return {"type": "error", "code": 10, "text": "unknown type"}
        if body["type"] == "proxy" or "echo" not in body:
            return {"type": "error", "code": 12, "text": "missing field"}
        return {"type": "echo_ok", "echo": body["echo"]}


class Proxy(threading.Thread):
    calls = {}

    def __init__(self, src, body):
        super().__init__()
        self.src, self.body = src, body
        self.answer, self.come = None, threading.Event()

    def register(self, number):
        self.calls[number] = self
        self.number = number

    def run(self):
        Out.send(self.body["target"], dict(self.body["inner"]), self.register)
        self.come.wait(1.0)
        self.calls.pop(self.number, None)
        if self.answer is not None:
            reply = {"type": "proxy_ok", "result": self.answer}
        else:
            reply = {"type": "error", "code": 0, "text": "timeout"}
        reply["in_reply_to"] = self.body["msg_id"]
        Out.send(self.src, reply)


def main():
    clerk = Clerk()
    for line in sys.stdin:
        try:
            message = json.loads(line)
            src, body, kind = message["src"], message["body"], message["body"]["type"]
        except (ValueError, TypeError, KeyError) as error:
            print(error, file=sys.stderr)
            continue
        if "in_reply_to" in body:
            call = Proxy.calls.pop(body["in_reply_to"], None)
            if call is not None:
                call.answer = body
                call.come.set()
        elif kind == "proxy" and "target" in body and "inner" in body:
            Proxy(src, body).start()
        else:
            if kind == "init":
                Out.node = body["node_id"]
            clerk.post(src, body)
    clerk.post()
    clerk.join()


if __name__ == "__main__":
    main()
