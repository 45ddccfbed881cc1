# corpus: ids come from one generator for all threads; asked by two at once it raises, and a handler dies without a word
# finds: data-race
# misconception: none
# preemptions: 1
# outcome: no-reply
# lines: 25 32 48
# workload: two-echoes
import json
import sys
import threading
from queue import Empty, SimpleQueue


class Node:
    def __init__(self):
        self.stdout = threading.Lock()
        self.slots = {}
        self.ids = self.numbers()
        self.last = 0
        self.name = None

    def numbers(self):
        while True:
            yield self.last
            self.last = self.last + 1

    def write(self, dest, number, body):
        with self.stdout:
            print(json.dumps({"src": self.name, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)

    def proxy(self, body):
        number, slot = next(self.ids), SimpleQueue()
        self.slots[number] = slot
        self.write(body["target"], number, body["inner"])
        try:
            return {"type": "proxy_ok", "result": slot.get(timeout=1)}
        except Empty:
            return {"type": "error", "code": 0, "text": "no reply"}

    def handle(self, message):
        body = message["body"]
        if body["type"] == "echo":
            answer = {"type": "echo_ok", "echo": body["echo"]}
        elif body["type"] == "proxy":
            answer = self.proxy(body)
        else:
            answer = {"type": "error", "code": 10, "text": "not supported"}
        self.write(message["src"], next(self.ids), {**answer, "in_reply_to": body["msg_id"]})


node = Node()
for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        node.name = body["node_id"]
        node.write(message["src"], next(node.ids), {"type": "init_ok", "in_reply_to": body["msg_id"]})
    elif "in_reply_to" in body:
        slot = node.slots.pop(body["in_reply_to"], None)
        if slot:
            slot.put(body)
    else:
        threading.Thread(target=node.handle, args=(message,)).start()
