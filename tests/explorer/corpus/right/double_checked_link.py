# corpus: looks for the peer's link without the lock, and once more under it before it makes one
# finds: nothing
# suites: rpc maelstrom-echo
import json
import sys
import threading
from itertools import count
from queue import Empty, Queue


class Link:
    def __init__(self):
        self.slots = {}


class Node:
    def __init__(self):
        self.links = {}
        self.making = threading.Lock()
        self.stdout = threading.Lock()
        self.ids = count()
        self.name = None

    def link(self, peer):
        found = self.links.get(peer)
        if found is None:
            with self.making:
                found = self.links.get(peer)
                if found is None:
                    found = self.links[peer] = Link()
        return found

    def write(self, dest, number, body):
        with self.stdout:
            print(json.dumps({"src": self.name, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)

    def proxy(self, body):
        link, number, slot = self.link(body["target"]), next(self.ids), Queue()
        link.slots[number] = slot
        self.write(body["target"], number, body["inner"])
        try:
            return {"type": "proxy_ok", "result": slot.get(timeout=1)}
        except Empty:
            return {"type": "error", "code": 0, "text": "no reply"}
        finally:
            link.slots.pop(number, None)

    def handle(self, message):
        body = message["body"]
        answer = {"type": "error", "code": 10, "text": "not supported"}
        if body["type"] == "echo":
            answer = {"type": "echo_ok", "echo": body["echo"]}
        elif body["type"] == "proxy":
            answer = self.proxy(body)
        self.write(message["src"], next(self.ids), {**answer, "in_reply_to": body["msg_id"]})


node = Node()
for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        node.name = body["node_id"]
        node.write(message["src"], next(node.ids), {"type": "init_ok", "in_reply_to": body["msg_id"]})
    elif "in_reply_to" in body:
        link = node.links.get(message["src"])
        slot = link and link.slots.get(body["in_reply_to"])
        if slot:
            slot.put(body)
    else:
        threading.Thread(target=node.handle, args=(message,)).start()
