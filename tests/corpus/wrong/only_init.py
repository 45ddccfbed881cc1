# corpus: answers error 10 to everything but init
# expect: wrong-type
# suites: async-handler rpc=not-attempted
# platforms: posix
import json
import os
import selectors
import sys
import time
from collections import OrderedDict


class Loop:
    def __init__(self):
        self.selector = selectors.SelectSelector()  # epoll would refuse a regular file
        self.selector.register(0, selectors.EVENT_READ)
        self.rest = bytearray()
        self.open = True
        self.node_id = None
        self.counter = 0
        self.pending = OrderedDict()  # msg_id -> (deadline, continuation); oldest first

    def send(self, dest, /, **body):
        number, self.counter = self.counter, self.counter + 1
        line = json.dumps({"body": dict(body, msg_id=number), "dest": dest, "src": self.node_id})
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
        return number

    def run(self):
        while self.open or self.pending:
            timeout = None
            if self.pending:
                deadline, _ = next(iter(self.pending.values()))
                timeout = max(0.0, deadline - time.monotonic())
            if self.open:
                if self.selector.select(timeout):
                    self.read()
            else:
                time.sleep(timeout)
            self.expire()

    def read(self):
        data = os.read(0, 1 << 16)
        if not data:
            self.open = False
            return
        start = len(self.rest)
        self.rest += data
        while (end := self.rest.find(b"\n", start)) >= 0:
            line = bytes(self.rest[:end])
            del self.rest[:end + 1]
            start = 0
            try:
                message = json.loads(line)
                self.on(message["src"], message["body"], message["body"].get("type"))
            except Exception as error:
                print("unusable line:", line[:70], error, file=sys.stderr)

    def expire(self):
        now = time.monotonic()
        while self.pending:
            number, (deadline, continuation) = next(iter(self.pending.items()))
            if deadline > now:
                break
            del self.pending[number]
            continuation(None)

    def on(self, src, body, kind):
        if "in_reply_to" in body:
            _, continuation = self.pending.pop(body["in_reply_to"], (0, lambda reply: None))
            continuation(body)
            return
        ref = body["msg_id"]
        if kind == "init":
            self.node_id = body["node_id"]
            self.send(src, type="init_ok", in_reply_to=ref)
        else:
            self.send(src, type="error", in_reply_to=ref, code=10, text=f"no {kind} here")


Loop().run()
