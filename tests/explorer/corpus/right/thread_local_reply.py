# corpus: the reply is built in an attribute, but of a threading.local: each thread has its own
# finds: nothing
# suites: rpc maelstrom-echo
import json
import queue
import sys
import threading


class Node:
    def __init__(self):
        self.here = threading.local()
        self.lock = threading.Lock()
        self.sent, self.boxes, self.name = 0, {}, None

    def send(self, dest, body, box=None):
        with self.lock:
            if box:
                self.boxes[self.sent] = box
            print(json.dumps({"src": self.name, "dest": dest, "body": {**body, "msg_id": self.sent}}), flush=True)
            self.sent += 1

    def say(self, **body):
        self.here.reply.update(body)

    def proxy(self, body):
        box = queue.Queue()
        self.send(body["target"], body["inner"], box)
        try:
            self.say(type="proxy_ok", result=box.get(timeout=1))
        except queue.Empty:
            self.say(type="error", code=0, text="no reply")

    def handle(self, message):
        self.here.request = message
        self.here.reply = {"in_reply_to": message["body"]["msg_id"]}
        body = message["body"]
        if body["type"] == "echo":
            self.say(type="echo_ok", echo=body["echo"])
        elif body["type"] == "proxy":
            self.proxy(body)
        elif body["type"] == "init":
            self.name = body["node_id"]
            self.say(type="init_ok")
        else:
            self.say(type="error", code=10, text="not supported")
        self.send(self.here.request["src"], self.here.reply)


node = Node()
for line in sys.stdin:
    message = json.loads(line)
    if message["body"]["type"] == "init":
        node.handle(message)
    elif "in_reply_to" in message["body"]:
        with node.lock:
            box = node.boxes.pop(message["body"]["in_reply_to"], None)
        if box:
            box.put(message["body"])
    else:
        threading.Thread(target=node.handle, args=(message,)).start()
