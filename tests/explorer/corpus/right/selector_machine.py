# corpus: one thread reads with a selector and keeps a table of who waits since when; a second one writes, so that a slow reader of stdout holds up nobody
# finds: nothing
# suites: async-handler rpc maelstrom-echo
import enum
import json
import os
import queue
import selectors
import sys
import threading
import time


class State(enum.Enum):
    FRESH = 1
    SERVING = 2
    DRAINING = 3
    OVER = 4


class Machine:
    def __init__(self):
        self.state = State.FRESH
        self.selector = selectors.SelectSelector()
        self.selector.register(0, selectors.EVENT_READ)
        self.buffer = bytearray()
        self.name = ""
        self.next_id = 0
        self.open = {}  # number -> (client, its msg_id, deadline); in the order of the deadlines
        self.lines = queue.Queue()
        self.writer = threading.Thread(target=self.write)

    def write(self):
        while (line := self.lines.get()) is not None:
            os_write(line)

    def send(self, dest, body):
        number, self.next_id = self.next_id, self.next_id + 1
        self.lines.put(json.dumps({"src": self.name, "dest": dest, "body": {**body, "msg_id": number}}))
        return number

    def run(self):
        self.writer.start()
        while self.state is not State.OVER:
            if self.state is State.DRAINING:
                if not self.open:
                    self.state = State.OVER
                    continue
                time.sleep(self.patience())
            elif self.selector.select(self.patience()):
                self.on_readable()
            self.on_time()
        self.lines.put(None)
        self.writer.join()

    def patience(self):
        for _, _, deadline in self.open.values():
            return max(0.0, deadline - time.monotonic())
        return None

    def on_time(self):
        now = time.monotonic()
        for number, (client, msg_id, deadline) in list(self.open.items()):
            if deadline > now:
                break
            del self.open[number]
            self.send(client, {"type": "error", "code": 0, "text": "timeout", "in_reply_to": msg_id})

    def on_readable(self):
        chunk = os.read(0, 65536)
        self.buffer += chunk or b"\n"
        if not chunk:
            self.state = State.DRAINING
        *lines, rest = self.buffer.split(b"\n")
        self.buffer = rest
        for line in lines:
            try:
                message = json.loads(line)
                src, body = message["src"], message["body"]
                body["type"]
            except (ValueError, TypeError, KeyError):
                if line.strip():
                    sys.stderr.write("no message\n")
                continue
            if "in_reply_to" in body:
                self.on_reply(body)
            else:
                self.on_request(src, body)

    def on_reply(self, body):
        client, msg_id, _ = self.open.pop(body["in_reply_to"], (None, None, None))
        if client is not None:
            self.send(client, {"type": "proxy_ok", "result": body, "in_reply_to": msg_id})

    def on_request(self, src, body):
        kind = body["type"]
        if kind == "proxy" and "target" in body and "inner" in body:
            number = self.send(body["target"], body["inner"])
            self.open[number] = src, body["msg_id"], time.monotonic() + 1.0
            return
        if kind == "init":
            self.name, self.state = body["node_id"], State.SERVING if self.state is State.FRESH else self.state
            reply = {"type": "init_ok"}
        elif kind == "echo" and "echo" in body:
            reply = {"type": "echo_ok", "echo": body["echo"]}
        else:
            reply = {"type": "error", "code": 12 if kind in ("echo", "proxy") else 10, "text": "no"}
        self.send(src, {**reply, "in_reply_to": body["msg_id"]})


def os_write(line):
    data = (line + "\n").encode()
    while data:
        data = data[os.write(1, data):]


Machine().run()
