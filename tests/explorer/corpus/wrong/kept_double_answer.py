# corpus: the peer's reply and the timer both look at `answered` before either has set it: the client gets two answers
# finds: data-race
# misconception: check-then-act
# preemptions: 1
# outcome: duplicate-reply
# lines: 21 22 48
# workload: proxy-late
import itertools
import json
import sys
from threading import Lock, Timer


class Call:
    def __init__(self, node, client, client_id):
        self.node, self.client, self.client_id = node, client, client_id
        self.answered = False
        self.timer = Timer(1.0, self.on_timeout)

    def finish(self, body):
        if not self.answered:
            self.answered = True
            self.timer.cancel()
            body["in_reply_to"] = self.client_id
            self.node.send(self.client, body)

    def on_reply(self, result):
        self.finish({"type": "proxy_ok", "result": result})

    def on_timeout(self):
        self.finish({"type": "error", "code": 0, "text": "the peer is silent"})


class Node:
    """Everything happens in the main thread, but for the timers."""

    def __init__(self):
        self.me = None
        self.ids = itertools.count()
        self.lock = Lock()
        self.calls = {}

    def send(self, dest, body):
        with self.lock:
            body.setdefault("msg_id", None)
            if body["msg_id"] is None:
                body["msg_id"] = next(self.ids)
            print(json.dumps({"src": self.me, "dest": dest, "body": body}), flush=True)

    def on_init(self, src, body):
        self.me = body["node_id"]
        return {"type": "init_ok"}

    def on_echo(self, src, body):
        return {"type": "echo_ok", "echo": body["echo"]}

    def on_proxy(self, src, body):
        target, inner = body["target"], dict(body["inner"])
        with self.lock:
            inner["msg_id"] = next(self.ids)
        call = self.calls[inner["msg_id"]] = Call(self, src, body["msg_id"])
        self.send(target, inner)
        call.timer.start()

    def take(self, src, body):
        if "in_reply_to" in body:
            call = self.calls.pop(body["in_reply_to"], None)
            if call:
                call.on_reply(body)
            return
        handler = getattr(self, "on_" + body["type"], None)
        if handler is None:
            reply = {"type": "error", "code": 10, "text": "no handler"}
        else:
            try:
                reply = handler(src, body)
            except KeyError as missing:
                reply = {"type": "error", "code": 12, "text": f"{missing} is missing"}
        if reply:
            self.send(src, {**reply, "in_reply_to": body["msg_id"]})

    def run(self):
        for line in sys.stdin:
            try:
                msg = json.loads(line)
                src, body = msg["src"], msg["body"]
                if not isinstance(body, dict) or not isinstance(body["type"], str):
                    raise TypeError("body")
            except (ValueError, TypeError, KeyError):
                sys.stderr.write("ignored " + line[:80])
                continue
            self.take(src, body)


Node().run()
