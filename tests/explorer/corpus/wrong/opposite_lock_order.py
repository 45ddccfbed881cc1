# corpus: a reply takes the lock of the ids and then that of stdout; a request to a peer takes them the other way round
# finds: deadlock
# misconception: opposite-lock-order
# preemptions: 1
# outcome: no-reply
# lines: 32 38
# workload: proxy-and-echo
import json
import sys
import threading
from queue import Empty, Queue


class Node:
    def __init__(self):
        self.ids_lock = threading.Lock()
        self.out_lock = threading.Lock()
        self.next_id = 0
        self.boxes = {}
        self.id = None

    def write(self, dest, body):
        print(json.dumps({"src": self.id, "dest": dest, "body": body}), flush=True)

    def take(self):
        self.next_id += 1
        return self.next_id - 1

    def reply(self, message, body):
        with self.ids_lock:
            body = {**body, "msg_id": self.take(), "in_reply_to": message["body"]["msg_id"]}
            with self.out_lock:
                self.write(message["src"], body)

    def call(self, dest, body):
        box = Queue()
        with self.out_lock:
            with self.ids_lock:
                number = self.take()
                self.boxes[number] = box
            self.write(dest, {**body, "msg_id": number})
        try:
            return {"type": "proxy_ok", "result": box.get(timeout=1)}
        except Empty:
            return {"type": "error", "code": 0, "text": "no reply"}

    def handle(self, message):
        body = message["body"]
        if body["type"] == "echo":
            self.reply(message, {"type": "echo_ok", "echo": body["echo"]})
        elif body["type"] == "proxy":
            self.reply(message, self.call(body["target"], body["inner"]))
        else:
            self.reply(message, {"type": "error", "code": 10, "text": "not supported"})

    def run(self):
        for line in sys.stdin:
            message = json.loads(line)
            body = message["body"]
            if body["type"] == "init":
                self.id = body["node_id"]
                self.reply(message, {"type": "init_ok"})
            elif "in_reply_to" in body:
                box = self.boxes.get(body["in_reply_to"])
                if box:
                    box.put(body)
            else:
                threading.Thread(target=self.handle, args=(message,)).start()


Node().run()
