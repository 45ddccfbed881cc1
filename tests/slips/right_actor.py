"""A right node whose one thread has a mailbox and a table of who waits: slips are made from it."""

import json
import queue
import sys
import threading
import time

mailbox = queue.Queue()


def read_stdin():
    for line in sys.stdin:
        try:
            message = json.loads(line)
        except ValueError:
            print("bad line", file=sys.stderr)
            continue
        mailbox.put(("message", message))
    mailbox.put(("eof", None))


class Actor:
    def __init__(self):
        self.node_id = None
        self.node_ids = []
        self.counter = 0
        self.waiting = {}  # our msg_id -> (request, deadline)
        self.closed = False

    def send(self, dest, body):
        body = dict(body)
        body["msg_id"] = self.counter
        self.counter += 1
        sys.stdout.write(json.dumps({"src": self.node_id, "dest": dest, "body": body}) + "\n")
        sys.stdout.flush()
        return body["msg_id"]

    def reply(self, request, body):
        body["in_reply_to"] = request["body"]["msg_id"]
        self.send(request["src"], body)

    def run(self):
        while not self.closed:
            timeout = None
            if self.waiting:
                first = min(deadline for _, deadline in self.waiting.values())
                timeout = max(0, first - time.monotonic())
            try:
                kind, what = mailbox.get(timeout=timeout)
            except queue.Empty:
                kind, what = "tick", None
            if kind == "message":
                self.on_message(what)
            elif kind == "eof":
                self.closed = True
            self.expire()
        for request, _ in self.waiting.values():
            self.reply(request, {"type": "error", "code": 0, "text": "no reply can come"})

    def expire(self):
        now = time.monotonic()
        late = [n for n, (_, deadline) in self.waiting.items() if deadline <= now]
        for n in late:
            request, _ = self.waiting.pop(n)
            self.reply(request, {"type": "error", "code": 0, "text": "timeout"})

    def on_message(self, message):
        if not isinstance(message, dict):
            return
        body = message.get("body")
        if not isinstance(body, dict) or "src" not in message:
            return
        if "in_reply_to" in body:
            if body["in_reply_to"] in self.waiting:
                request, _ = self.waiting.pop(body["in_reply_to"])
                self.reply(request, {"type": "proxy_ok", "result": body})
            return
        if "msg_id" not in body:
            return
        handler = {"init": self.on_init, "echo": self.on_echo, "proxy": self.on_proxy}.get(body.get("type"))
        if handler is None:
            self.reply(message, {"type": "error", "code": 10, "text": "unknown type"})
            return
        try:
            handler(message, body)
        except KeyError as e:
            self.reply(message, {"type": "error", "code": 12, "text": "missing " + str(e)})

    def on_init(self, message, body):
        self.node_id = body["node_id"]
        self.node_ids = body["node_ids"]
        self.reply(message, {"type": "init_ok"})

    def on_echo(self, message, body):
        self.reply(message, {"type": "echo_ok", "echo": body["echo"]})

    def on_proxy(self, message, body):
        target, inner = body["target"], body["inner"]
        number = self.send(target, inner)
        self.waiting[number] = (message, time.monotonic() + 1.0)


threading.Thread(target=read_stdin, daemon=True).start()
Actor().run()
