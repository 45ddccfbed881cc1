# corpus: two locks, always the one of the ids first and that of stdout inside it
# finds: nothing
# suites: rpc maelstrom-echo
import json
import sys
import threading
from queue import Empty, Queue


class Node:
    def __init__(self):
        self.ids_lock, self.out_lock = threading.Lock(), threading.Lock()
        self.next_id, self.boxes, self.id = 0, {}, None

    def send(self, dest, body, box=None):
        with self.ids_lock:
            number = self.next_id
            self.next_id += 1
            if box is not None:
                self.boxes[number] = box
            with self.out_lock:
                print(json.dumps({"src": self.id, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)

    def reply(self, message, body):
        self.send(message["src"], {**body, "in_reply_to": message["body"]["msg_id"]})

    def call(self, dest, body):
        box = Queue()
        self.send(dest, body, box)
        try:
            return {"type": "proxy_ok", "result": box.get(timeout=1)}
        except Empty:
            return {"type": "error", "code": 0, "text": "no reply"}

    def log(self, text):
        with self.out_lock:
            print(text, file=sys.stderr)

    def handle(self, message):
        body = message["body"]
        if body["type"] == "echo":
            self.reply(message, {"type": "echo_ok", "echo": body["echo"]})
        elif body["type"] == "proxy":
            self.reply(message, self.call(body["target"], body["inner"]))
        else:
            self.log("unknown: " + str(body["type"]))
            self.reply(message, {"type": "error", "code": 10, "text": "not supported"})

    def run(self):
        for line in sys.stdin:
            message = json.loads(line)
            body = message["body"]
            if body["type"] == "init":
                self.id = body["node_id"]
                self.reply(message, {"type": "init_ok"})
            elif "in_reply_to" in body:
                with self.ids_lock:
                    box = self.boxes.pop(body["in_reply_to"], None)
                if box:
                    box.put(body)
            else:
                threading.Thread(target=self.handle, args=(message,)).start()


Node().run()
