# corpus: the reply is built in an attribute of the node, which all handlers share
# finds: data-race
# misconception: reply-in-a-shared-variable
# preemptions: 1
# outcome: wrong-in-reply-to
# lines: 42 44 49
# workload: two-echoes
import itertools
import json
import queue
import sys
import threading


class Node:
    def __init__(self):
        self.id = None
        self.ids = itertools.count()
        self.lock = threading.Lock()
        self.pending = {}
        self.answer = None

    def send(self, dest, body):
        with self.lock:
            print(json.dumps({"src": self.id, "dest": dest, "body": {**body, "msg_id": next(self.ids)}}), flush=True)

    def rpc(self, dest, body):
        slot = queue.Queue()
        with self.lock:
            number = next(self.ids)
            self.pending[number] = slot
            print(json.dumps({"src": self.id, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)
        try:
            return slot.get(timeout=1)
        except queue.Empty:
            return None

    def handle(self, message):
        body = message["body"]
        result = self.rpc(body["target"], body["inner"]) if body["type"] == "proxy" else None
        if body["type"] == "echo":
            self.answer = {"type": "echo_ok", "echo": body["echo"], "in_reply_to": body["msg_id"]}
        elif result is not None:
            self.answer = {"type": "proxy_ok", "result": result, "in_reply_to": body["msg_id"]}
        elif body["type"] == "proxy":
            self.answer = {"type": "error", "code": 0, "in_reply_to": body["msg_id"]}
        else:
            self.answer = {"type": "error", "code": 10, "in_reply_to": body["msg_id"]}
        self.send(message["src"], self.answer)

    def main(self):
        for line in sys.stdin:
            message = json.loads(line)
            body = message["body"]
            if body["type"] == "init":
                self.id = body["node_id"]
                self.send(message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"]})
            elif "in_reply_to" in body:
                with self.lock:
                    slot = self.pending.pop(body["in_reply_to"], None)
                if slot:
                    slot.put(body)
            else:
                threading.Thread(target=self.handle, args=(message,)).start()


Node().main()
