# corpus: the request goes out before the table knows who waits for its reply; a quick peer's reply is thrown away
# finds: data-race
# misconception: sent-before-noted
# preemptions: 1
# outcome: wrong-type
# lines: 32 40
# workload: proxy-held
import json
import sys
import threading
from queue import Empty, Queue


class Node:
    def __init__(self):
        self.lock = threading.Lock()
        self.next_id = 0
        self.waiting = {}
        self.id = None

    def send(self, dest, body):
        with self.lock:
            number = self.next_id
            self.next_id += 1
            print(json.dumps({"src": self.id, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)
        return number

    def rpc(self, dest, body):
        number = self.send(dest, body)
        slot = Queue()
        with self.lock:
            self.waiting[number] = slot
        try:
            return slot.get(timeout=1)
        except Empty:
            return None

    def deliver(self, body):
        with self.lock:
            slot = self.waiting.pop(body["in_reply_to"], None)
        if slot is not None:
            slot.put(body)

    def handle(self, message):
        body = message["body"]
        if body["type"] == "echo":
            answer = {"type": "echo_ok", "echo": body["echo"]}
        elif body["type"] == "proxy":
            result = self.rpc(body["target"], body["inner"])
            answer = {"type": "error", "code": 0, "text": "no reply"}
            if result is not None:
                answer = {"type": "proxy_ok", "result": result}
        else:
            answer = {"type": "error", "code": 10, "text": "not supported"}
        self.send(message["src"], {**answer, "in_reply_to": body["msg_id"]})

    def run(self):
        for line in sys.stdin:
            message = json.loads(line)
            if message["body"]["type"] == "init":
                self.id = message["body"]["node_id"]
                body = {"type": "init_ok", "in_reply_to": message["body"]["msg_id"]}
                self.send(message["src"], body)
            elif "in_reply_to" in message["body"]:
                self.deliver(message["body"])
            else:
                threading.Thread(target=self.handle, args=(message,)).start()


Node().run()
