# corpus: a handler has its answer put together by two threads; the last of them, by a counter, writes it
# finds: data-race
# misconception: nobody-comes-between
# preemptions: 1
# outcome: no-reply
# lines: 56 57
# workload: two-echoes
import itertools
import json
import sys
import threading
from queue import Empty, SimpleQueue

ids = itertools.count()
stdout = threading.Lock()
slots = {}
node_id = None


def write(dest, body):
    with stdout:
        print(json.dumps({"src": node_id, "dest": dest, "body": body}), flush=True)


class Job:
    """An answer in the making: the head and the content are made at the same time."""

    def __init__(self, request):
        self.request, self.body, self.left = request, {}, 2

    def start(self):
        for part in (self.head, self.content):
            threading.Thread(target=part).start()

    def head(self):
        self.body.update(msg_id=next(ids), in_reply_to=self.request["body"]["msg_id"])
        self.done()

    def content(self):
        asked = self.request["body"]
        if asked["type"] == "echo":
            self.body.update(type="echo_ok", echo=asked["echo"])
        elif asked["type"] == "proxy":
            number, slot = next(ids), SimpleQueue()
            slots[number] = slot
            write(asked["target"], {**asked["inner"], "msg_id": number})
            try:
                self.body.update(type="proxy_ok", result=slot.get(timeout=1))
            except Empty:
                self.body.update(type="error", code=0, text="no reply")
        else:
            self.body.update(type="error", code=10, text="not supported")
        self.done()

    def done(self):
        left = self.left - 1
        self.left = left
        if left == 0:
            write(self.request["src"], self.body)


for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        node_id = body["node_id"]
        write(message["src"], {"type": "init_ok", "msg_id": next(ids), "in_reply_to": body["msg_id"]})
    elif "in_reply_to" in body:
        if slot := slots.pop(body["in_reply_to"], None):
            slot.put(body)
    else:
        Job(message).start()
