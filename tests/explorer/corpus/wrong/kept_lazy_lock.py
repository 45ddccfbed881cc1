# corpus: the lock for stdout is made by whoever needs it first: two threads that come at once make two, and write at the same time
# finds: data-race
# misconception: a-lock-a-request
# preemptions: 2
# outcome: torn-line
# lines: 42 44
# workload: proxy-and-echo
import json
import sys
import threading
from dataclasses import dataclass, field
from itertools import count
from queue import Queue
from typing import Any, Iterator, Optional


@dataclass
class Call:
    event: threading.Event = field(default_factory=threading.Event)
    result: Optional[dict] = None


@dataclass
class Node:
    name: str = ""
    calls: dict = field(default_factory=dict)
    inbox: Queue = field(default_factory=Queue)
    ids: Iterator[int] = field(default_factory=count)
    _lock: Any = None

    @property
    def lock(self):
        if self._lock is None:
            self._lock = threading.Lock()
        return self._lock

    def line(self, dest, body):
        return json.dumps({"src": self.name, "dest": dest, "body": body})

    def out(self, text):
        with self.lock:
            sys.stdout.write(text)
            sys.stdout.write("\n")
            sys.stdout.flush()

    def reply(self, msg, **body):
        body.update(in_reply_to=msg["body"]["msg_id"], msg_id=next(self.ids))
        self.out(self.line(msg["src"], body))

    def serve(self):
        """One thread serves all that doesn't wait."""
        for msg in iter(self.inbox.get, None):
            body = msg["body"]
            if body["type"] == "echo":
                if "echo" in body:
                    self.reply(msg, type="echo_ok", echo=body["echo"])
                else:
                    self.reply(msg, type="error", code=12, text="echo what?")
            elif body["type"] == "proxy":
                self.reply(msg, type="error", code=12, text="proxy to whom?")
            else:
                self.reply(msg, type="error", code=10, text="unknown")

    def proxy(self, msg):
        mid, call = next(self.ids), Call()
        self.calls[mid] = call
        self.out(self.line(msg["body"]["target"], dict(msg["body"]["inner"], msg_id=mid)))
        call.event.wait(1.0)
        self.calls.pop(mid, None)
        if call.result is None:
            self.reply(msg, type="error", code=0, text="timeout")
        else:
            self.reply(msg, type="proxy_ok", result=call.result)

    def run(self):
        server = threading.Thread(target=self.serve)
        server.start()
        for line in sys.stdin.buffer:
            try:
                msg = json.loads(line)
                _, body = msg["src"], msg["body"]
                kind = body["type"]
            except (ValueError, TypeError, KeyError):
                continue
            if "in_reply_to" in body:
                if call := self.calls.pop(body["in_reply_to"], None):
                    call.result = body
                    call.event.set()
            elif kind == "init":
                self.name = body["node_id"]
                ok = {"type": "init_ok", "in_reply_to": body["msg_id"], "msg_id": next(self.ids)}
                sys.stdout.write(self.line(msg["src"], ok) + "\n")  # nobody else is there yet
                sys.stdout.flush()
            elif kind == "proxy" and "target" in body and "inner" in body:
                threading.Thread(target=self.proxy, args=(msg,)).start()
            else:
                self.inbox.put(msg)
        self.inbox.put(None)
        server.join()


if __name__ == "__main__":
    Node().run()
