# corpus: each answer is made by two threads that meet the third, which writes it, at a barrier
# finds: nothing
# suites: rpc maelstrom-echo
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
    def __init__(self, request):
        self.request, self.parts, self.meeting = request, {}, threading.Barrier(3)

    def start(self):
        for work in (self.head, self.content, self.finish):
            threading.Thread(target=work).start()

    def head(self):
        self.parts["head"] = {"in_reply_to": self.request["body"]["msg_id"]}
        self.meeting.wait()

    def content(self):
        asked = self.request["body"]
        if asked["type"] == "echo":
            content = {"type": "echo_ok", "echo": asked["echo"]}
        else:
            number, slot = next(ids), SimpleQueue()
            slots[number] = slot
            write(asked["target"], {**asked["inner"], "msg_id": number})
            try:
                content = {"type": "proxy_ok", "result": slot.get(timeout=1)}
            except Empty:
                content = {"type": "error", "code": 0, "text": "no reply"}
        self.parts["content"] = content
        self.meeting.wait()

    def finish(self):
        self.meeting.wait()
        write(self.request["src"], {**self.parts["head"], **self.parts["content"], "msg_id": next(ids)})


for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        node_id = body["node_id"]
        write(message["src"], {"type": "init_ok", "msg_id": next(ids), "in_reply_to": body["msg_id"]})
    elif "in_reply_to" in body:
        if slot := slots.pop(body["in_reply_to"], None):
            slot.put(body)
    elif body["type"] in ("echo", "proxy"):
        Job(message).start()
    else:
        write(message["src"], {"type": "error", "code": 10, "msg_id": next(ids), "in_reply_to": body["msg_id"]})
