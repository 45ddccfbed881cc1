# corpus: a daemon thread a message; at the end of input the program ends, whatever they are at
# finds: lost-at-eof
# misconception: nobody-waits-for-the-threads
# preemptions: 0
# outcome: lost-at-eof
# lines: 58
# workload: ends-early
import json
import sys
import threading
from queue import Empty, Queue


class Node:
    def __init__(self):
        self.id, self.next_id, self.lock, self.slots = None, 0, threading.Lock(), {}

    def send(self, dest, body, slot=None):
        with self.lock:
            number = self.next_id
            self.next_id += 1
            if slot is not None:
                self.slots[number] = slot
            sys.stdout.write(json.dumps({"src": self.id, "dest": dest, "body": {**body, "msg_id": number}}) + "\n")
            sys.stdout.flush()

    def handle(self, message):
        body = message["body"]
        answer = {"type": "error", "code": 10, "text": "not supported"}
        if body["type"] == "init":
            self.id = body["node_id"]
            answer = {"type": "init_ok"}
        elif body["type"] == "echo":
            answer = {"type": "echo_ok", "echo": body["echo"]}
        elif body["type"] == "proxy":
            slot = Queue()
            self.send(body["target"], body["inner"], slot)
            try:
                answer = {"type": "proxy_ok", "result": slot.get(timeout=1)}
            except Empty:
                answer = {"type": "error", "code": 0, "text": "no reply"}
        self.send(message["src"], {**answer, "in_reply_to": body["msg_id"]})

    def run(self):
        for line in sys.stdin:
            message = json.loads(line)
            if message["body"]["type"] == "init":
                self.handle(message)
            elif "in_reply_to" in message["body"]:
                with self.lock:
                    slot = self.slots.pop(message["body"]["in_reply_to"], None)
                if slot:
                    slot.put(message["body"])
            else:
                threading.Thread(target=self.handle, args=(message,), daemon=True).start()


Node().run()
