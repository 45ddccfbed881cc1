# corpus: one lock guards ids, table and stdout; held from the read to the write, never while waiting
# finds: nothing
# suites: rpc maelstrom-echo
import json
import queue
import sys
import threading


class Node:
    def __init__(self):
        self.lock = threading.Lock()
        self.next_id = 0
        self.slots = {}
        self.id = None

    def send(self, dest, body, slot=None):
        with self.lock:
            number = self.next_id
            self.next_id += 1
            if slot is not None:
                self.slots[number] = slot
            print(json.dumps({"src": self.id, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)
        return number

    def proxy(self, body):
        slot = queue.Queue()
        number = self.send(body["target"], body["inner"], slot)
        try:
            return {"type": "proxy_ok", "result": slot.get(timeout=1)}
        except queue.Empty:
            with self.lock:
                self.slots.pop(number, None)
            return {"type": "error", "code": 0, "text": "no reply"}

    def handle(self, message):
        body = message["body"]
        if body["type"] == "echo":
            answer = {"type": "echo_ok", "echo": body["echo"]}
        elif body["type"] == "proxy":
            answer = self.proxy(body)
        else:
            answer = {"type": "error", "code": 10, "text": "not supported"}
        self.send(message["src"], {**answer, "in_reply_to": body["msg_id"]})

    def run(self):
        for line in sys.stdin:
            message = json.loads(line)
            body = message["body"]
            if body["type"] == "init":
                self.id = body["node_id"]
                self.send(message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"]})
            elif "in_reply_to" in body:
                with self.lock:
                    slot = self.slots.pop(body["in_reply_to"], None)
                if slot is not None:
                    slot.put(body)
            else:
                threading.Thread(target=self.handle, args=(message,)).start()


Node().run()
