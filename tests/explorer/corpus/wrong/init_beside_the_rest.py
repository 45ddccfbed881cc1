# corpus: init is handed to a thread like every message, so an echo may be served before the node has its name
# finds: data-race
# misconception: init-beside-the-rest
# preemptions: 0
# outcome: before-init
# lines: 26 31
# workload: start
import json
import queue
import sys
import threading


class Node:
    node_id = None

    def __init__(self):
        self.lock = threading.Lock()
        self.count = 0
        self.slots = {}

    def write(self, dest, body, slot=None):
        with self.lock:
            if slot is not None:
                self.slots[self.count] = slot
            message = {"src": self.node_id, "dest": dest, "body": {**body, "msg_id": self.count}}
            self.count += 1
            print(json.dumps(message), flush=True)

    def init(self, body):
        self.node_id = body["node_id"]
        return {"type": "init_ok"}

    def echo(self, body):
        return {"type": "echo_ok", "echo": body["echo"]}

    def proxy(self, body):
        slot = queue.SimpleQueue()
        self.write(body["target"], body["inner"], slot)
        try:
            return {"type": "proxy_ok", "result": slot.get(timeout=1)}
        except queue.Empty:
            return {"type": "error", "code": 0, "text": "no reply"}

    def other(self, body):
        return {"type": "error", "code": 10, "text": f"{body['type']} is not supported"}

    def handle(self, message):
        body = message["body"]
        handler = {"init": self.init, "echo": self.echo, "proxy": self.proxy}.get(body["type"], self.other)
        self.write(message["src"], {**handler(body), "in_reply_to": body["msg_id"]})


node = Node()
for line in sys.stdin:
    message = json.loads(line)
    if "in_reply_to" in message["body"]:
        with node.lock:
            slot = node.slots.pop(message["body"]["in_reply_to"], None)
        if slot:
            slot.put(message["body"])
    else:
        threading.Thread(target=node.handle, args=(message,)).start()
