# corpus: white space around a text is stripped
# expect: wrong-payload
# suites: async-handler
# note: shows if a case has a payload with white space at its ends
import json
import sys
import threading
import time
from dataclasses import dataclass, field
from queue import Empty, Queue
from typing import Any


@dataclass
class Line:
    text: str


@dataclass
class End:
    pass


@dataclass
class Pending:
    client: str
    ref: Any
    deadline: float


@dataclass
class Actor:
    mailbox: Queue = field(default_factory=Queue)
    name: str = ""
    sent: int = 0
    pending: dict = field(default_factory=dict)
    closing: bool = False

    def say(self, dest, body):
        out = {"src": self.name, "dest": dest, "body": {**body, "msg_id": self.sent}}
        self.sent += 1
        sys.stdout.write(json.dumps(out) + "\n")
        sys.stdout.flush()

    def live(self):
        while not (self.closing and not self.pending):
            soonest = min((p.deadline for p in self.pending.values()), default=None)
            try:
                letter = self.mailbox.get(timeout=None if soonest is None else max(0.001, soonest - time.monotonic()))
            except Empty:
                letter = None
            if isinstance(letter, End):
                self.closing = True
            elif isinstance(letter, Line):
                try:
                    self.receive(json.loads(letter.text))
                except Exception as error:
                    print(f"{error!r} in {letter.text[:60]!r}", file=sys.stderr)
            self.tick(time.monotonic())

    def tick(self, now):
        for number in [n for n, p in self.pending.items() if p.deadline <= now]:
            late = self.pending.pop(number)
            self.say(late.client, {"type": "error", "in_reply_to": late.ref, "code": 0, "text": "timeout"})

    def receive(self, message):
        client, body = message["src"], message["body"]
        if "in_reply_to" in body:
            if (known := self.pending.pop(body["in_reply_to"], None)):
                self.say(known.client, {"type": "proxy_ok", "in_reply_to": known.ref, "result": body})
            return
        ref = body["msg_id"]
        method = getattr(self, "do_" + str(body.get("type")), None)
        if method is None:
            self.say(client, {"type": "error", "in_reply_to": ref, "code": 10, "text": "not supported"})
            return
        try:
            method(client, ref, body)
        except KeyError as missing:
            self.say(client, {"type": "error", "in_reply_to": ref, "code": 12, "text": f"{missing} is missing"})

    def do_init(self, client, ref, body):
        self.name = body["node_id"]
        self.say(client, {"type": "init_ok", "in_reply_to": ref})

    def do_echo(self, client, ref, body):
        self.say(client, {"type": "echo_ok", "echo": body["echo"].strip() if isinstance(body["echo"], str) else body["echo"], "in_reply_to": ref})

    def do_proxy(self, client, ref, body):
        target, inner = body["target"], body["inner"]
        self.pending[self.sent] = Pending(client, ref, time.monotonic() + 1)
        self.say(target, inner)


actor = Actor()
thread = threading.Thread(target=actor.live)
thread.start()
for text in sys.stdin:
    actor.mailbox.put(Line(text))
actor.mailbox.put(End())
thread.join()
