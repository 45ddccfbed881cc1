# corpus: a generator deals out the numbers, and two threads may call it at once: `generator already executing`
# finds: data-race
# misconception: none
# preemptions: 1
# outcome: no-reply
# lines: 77
# workload: proxy-and-echo
import json
import sys
import time
import traceback
from collections import deque
from queue import SimpleQueue
from threading import Condition, Lock, Thread

from numbering import numbers

ids = numbers()
echoes = SimpleQueue()
stdout = Lock()
node_id = None


class Table:
    """Who waits for which reply, and until when."""

    def __init__(self):
        self.cond = Condition()
        self.open = {}
        self.ends = deque()
        self.closing = False

    def add(self, mid, client):
        with self.cond:
            self.open[mid] = client
            self.ends.append((time.monotonic() + 1.0, mid))
            self.cond.notify()

    def take(self, mid):
        with self.cond:
            return self.open.pop(mid, None)

    def close(self):
        with self.cond:
            self.closing = True
            self.cond.notify()

    def expired(self):
        """Wait for the next one whose time is over; None when there will be no more."""
        with self.cond:
            while True:
                while self.ends and self.ends[0][1] not in self.open:
                    self.ends.popleft()
                if not self.ends:
                    if self.closing:
                        return None
                    self.cond.wait()
                    continue
                end, mid = self.ends[0]
                left = end - time.monotonic()
                if left <= 0:
                    return self.open.pop(mid)
                self.cond.wait(left)


table = Table()


def write(dest, body):
    text = json.dumps({"src": node_id, "dest": dest, "body": body}) + "\n"
    with stdout:
        sys.stdout.write(text)
        sys.stdout.flush()


def reply(src, msg_id, body):
    write(src, {**body, "in_reply_to": msg_id, "msg_id": next(ids)})


def echo_worker():
    while (item := echoes.get()) is not None:
        src, body = item
        try:
            reply(src, body["msg_id"], {"type": "echo_ok", "echo": body["echo"]})
        except Exception:
            traceback.print_exc()


def timekeeper():
    while (client := table.expired()) is not None:
        reply(*client, {"type": "error", "code": 0, "text": "timeout"})


def handle(src, body):
    global node_id
    kind = body["type"]
    if "in_reply_to" in body:
        client = table.take(body["in_reply_to"])
        if client is not None:
            reply(*client, {"type": "proxy_ok", "result": body})
    elif kind == "init":
        node_id = body["node_id"]
        reply(src, body["msg_id"], {"type": "init_ok"})
    elif kind == "echo" and "echo" in body:
        echoes.put((src, body))
    elif kind == "proxy" and "target" in body and "inner" in body:
        mid = next(ids)
        table.add(mid, (src, body["msg_id"]))
        write(body["target"], {**body["inner"], "msg_id": mid})
    else:
        code = 12 if kind in ("echo", "proxy") else 10
        reply(src, body["msg_id"], {"type": "error", "code": code, "text": "no"})


def main():
    Thread(target=echo_worker).start()
    Thread(target=timekeeper).start()
    for line in sys.stdin:
        try:
            msg = json.loads(line)
            src, body = msg["src"], msg["body"]
            body["type"]
        except (ValueError, TypeError, KeyError):
            continue
        try:
            handle(src, body)
        except Exception:
            traceback.print_exc()
    echoes.put(None)
    table.close()


main()
