# corpus: the lock that guards ids and stdout is held until the peer has answered
# finds: blocked
# misconception: lock-held-while-waiting
# preemptions: 0
# outcome: blocked
# lines: 22 34
# workload: proxy-held
import json
import sys
import threading
from queue import Empty, SimpleQueue


class Node:
    def __init__(self):
        self.lock = threading.RLock()
        self.next_id = 0
        self.slots = {}
        self.id = None

    def send(self, dest, body, slot=None):
        with self.lock:
            number = self.next_id
            self.next_id += 1
            if slot:
                self.slots[number] = slot
            print(json.dumps({"src": self.id, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)

    def proxy(self, message, body):
        slot = SimpleQueue()
        with self.lock:
            self.send(body["target"], body["inner"], slot)
            try:
                answer = {"type": "proxy_ok", "result": slot.get(timeout=1)}
            except Empty:
                answer = {"type": "error", "code": 0, "text": "no reply"}
            self.send(message["src"], {**answer, "in_reply_to": body["msg_id"]})

    def echo(self, message, body):
        answer = {"type": "echo_ok", "echo": body["echo"]}
        self.send(message["src"], {**answer, "in_reply_to": body["msg_id"]})

    def other(self, message, body):
        self.send(message["src"], {"type": "error", "code": 10, "in_reply_to": body["msg_id"]})

    def main(self):
        for line in sys.stdin:
            message = json.loads(line)
            body = message["body"]
            if body["type"] == "init":
                self.id = body["node_id"]
                self.send(message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"]})
            elif "in_reply_to" in body:
                slot = self.slots.pop(body["in_reply_to"], None)
                if slot:
                    slot.put(body)
            else:
                handler = {"echo": self.echo, "proxy": self.proxy}.get(body["type"], self.other)
                threading.Thread(target=handler, args=(message, body)).start()


Node().main()
