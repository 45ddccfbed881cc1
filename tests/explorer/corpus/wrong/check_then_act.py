# corpus: looks for the first number that is not in the set of used ones, then adds it
# finds: data-race
# misconception: check-then-act
# preemptions: 1
# outcome: duplicate-msg-id
# lines: 23 25
# workload: two-echoes
import json
import sys
import threading
from queue import Empty, SimpleQueue


class Node:
    def __init__(self):
        self.name = None
        self.used = set()
        self.slots = {}
        self.stdout = threading.Lock()

    def free_id(self):
        number = 0
        while number in self.used:
            number += 1
        self.used.add(number)
        return number

    def write(self, dest, number, body):
        with self.stdout:
            sys.stdout.write(json.dumps({"src": self.name, "dest": dest, "body": {**body, "msg_id": number}}) + "\n")
            sys.stdout.flush()

    def ask(self, target, inner):
        number = self.free_id()
        slot = self.slots[number] = SimpleQueue()
        self.write(target, number, inner)
        try:
            return {"type": "proxy_ok", "result": slot.get(timeout=1)}
        except Empty:
            return {"type": "error", "code": 0, "text": "no reply in time"}
        finally:
            self.slots.pop(number, None)

    def handle(self, message):
        body = message["body"]
        if body["type"] == "init":
            self.name = body["node_id"]
            result = {"type": "init_ok"}
        elif body["type"] == "echo":
            result = {"type": "echo_ok", "echo": body["echo"]}
        elif body["type"] == "proxy":
            result = self.ask(body["target"], body["inner"])
        else:
            result = {"type": "error", "code": 10, "text": body["type"]}
        self.write(message["src"], self.free_id(), {**result, "in_reply_to": body["msg_id"]})


node = Node()
for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        node.handle(message)
    elif "in_reply_to" not in body:
        threading.Thread(target=node.handle, args=(message,)).start()
    elif slot := node.slots.get(body["in_reply_to"]):
        slot.put(body)
