# corpus: the counter is made when first needed, and after the lock is taken nobody looks again whether it is there: two are made
# finds: data-race
# misconception: read-outside-the-lock
# preemptions: 1
# outcome: duplicate-msg-id
# lines: 26 28 44
# workload: two-echoes
from __future__ import annotations

import itertools
import json
import logging
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Queue
from threading import Event, Lock, Thread

log = logging.getLogger("node")
_numbers = None
_numbers_lock = Lock()


def numbers():
    """The one counter of this process (init_ok has number 0)."""
    global _numbers
    if _numbers is None:
        with _numbers_lock:
            _numbers = itertools.count(1)
    return _numbers


class Node:
    def __init__(self):
        self.node_id = None
        self.pool = ThreadPoolExecutor(4, "render")
        self.line_up: Queue[Future | None] = Queue()
        self.stdout = Lock()
        self.replies: dict[int, dict] = {}
        self.events: dict[int, Event] = {}

    def write(self, line):
        with self.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()

    def render(self, dest, body):
        body["msg_id"] = next(numbers())
        return json.dumps({"src": self.node_id, "dest": dest, "body": body}) + "\n"

    def writer(self):
        while (future := self.line_up.get()) is not None:
            self.write(future.result())

    def proxy(self, src, body):
        event = Event()
        mid = next(numbers())
        self.events[mid] = event
        out = {"src": self.node_id, "dest": body["target"], "body": dict(body["inner"], msg_id=mid)}
        self.write(json.dumps(out) + "\n")
        event.wait(1)
        self.events.pop(mid, None)
        reply = self.replies.pop(mid, None)
        if reply is None:
            answer = {"type": "error", "code": 0, "text": "timeout"}
        else:
            answer = {"type": "proxy_ok", "result": reply}
        answer["in_reply_to"] = body["msg_id"]
        self.write(self.render(src, answer))

    def dispatch(self, src, body):
        kind = body["type"]
        if "in_reply_to" in body:
            event = self.events.pop(body["in_reply_to"], None)
            if event:
                self.replies[body["in_reply_to"]] = body
                event.set()
            return
        if kind == "init":
            self.node_id = body["node_id"]
            ok = {"type": "init_ok", "in_reply_to": body["msg_id"], "msg_id": 0}
            self.write(json.dumps({"src": self.node_id, "dest": src, "body": ok}) + "\n")
            return
        if kind == "proxy" and "target" in body and "inner" in body:
            Thread(target=self.proxy, args=(src, body)).start()
            return
        if kind == "echo" and "echo" in body:
            answer = {"type": "echo_ok", "echo": body["echo"]}
        elif kind in ("echo", "proxy"):
            answer = {"type": "error", "code": 12, "text": "field missing"}
        else:
            answer = {"type": "error", "code": 10, "text": f"{kind}?"}
        answer["in_reply_to"] = body["msg_id"]
        self.line_up.put(self.pool.submit(self.render, src, answer))

    def run(self):
        writer = Thread(target=self.writer)
        writer.start()
        for line in sys.stdin:
            try:
                message = json.loads(line)
                src, body = message["src"], message["body"]
                body["type"]
            except (ValueError, KeyError, TypeError):
                log.warning("no message: %.60r", line)
                continue
            self.dispatch(src, body)
        self.line_up.put(None)
        writer.join()
        self.pool.shutdown()


if __name__ == "__main__":
    Node().run()
