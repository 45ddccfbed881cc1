# corpus: an RLock is taken again by the thread that holds it
# finds: nothing
# suites: rpc maelstrom-echo
import json
import sys
import threading
from queue import Empty, SimpleQueue


class Node:
    def __init__(self):
        self.lock, self.next_id, self.slots, self.name = threading.RLock(), 0, {}, None

    def take(self):
        with self.lock:
            self.next_id += 1
            return self.next_id - 1

    def write(self, dest, body):
        with self.lock:
            print(json.dumps({"src": self.name, "dest": dest, "body": body}), flush=True)

    def send(self, dest, body):
        with self.lock:
            self.write(dest, {**body, "msg_id": self.take()})

    def ask(self, dest, body):
        slot = SimpleQueue()
        with self.lock:
            number = self.take()
            self.slots[number] = slot
            self.write(dest, {**body, "msg_id": number})
        try:
            return {"type": "proxy_ok", "result": slot.get(timeout=1)}
        except Empty:
            return {"type": "error", "code": 0, "text": "no reply"}

    def serve(self, src, body):
        if body["type"] == "init":
            self.name = body["node_id"]
            answer = {"type": "init_ok"}
        elif body["type"] == "echo":
            answer = {"type": "echo_ok", "echo": body["echo"]}
        elif body["type"] == "proxy":
            answer = self.ask(body["target"], body["inner"])
        else:
            answer = {"type": "error", "code": 10, "text": "not supported"}
        self.send(src, {**answer, "in_reply_to": body["msg_id"]})


node = Node()
for line in sys.stdin:
    message = json.loads(line)
    src, body = message["src"], message["body"]
    if "in_reply_to" in body:
        with node.lock:
            slot = node.slots.pop(body["in_reply_to"], None)
        if slot:
            slot.put(body)
    elif body["type"] == "init":
        node.serve(src, body)
    else:
        threading.Thread(target=node.serve, args=(src, body)).start()
