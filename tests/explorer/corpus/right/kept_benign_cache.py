# corpus: two threads may both compute a cached head of a line, and store the same: nobody can tell
# finds: nothing
# suites: rpc maelstrom-echo
import json
import sys
import threading
from itertools import count
from queue import Empty, SimpleQueue


class Node:
    def __init__(self):
        self.ids = count()
        self.heads = {}
        self.calls = {}
        self.lock = threading.Lock()

    def head(self, dest):
        if dest not in self.heads:
            self.heads[dest] = json.dumps({"src": self.name, "dest": dest})[:-1]
        return self.heads[dest]

    def write(self, dest, body):
        line = f'{self.head(dest)}, "body": {json.dumps(body)}}}\n'
        with self.lock:
            sys.stdout.write(line)
            sys.stdout.flush()

    def serve(self, message):
        body = message["body"]
        answer = {"type": "error", "code": 10, "text": "not supported"}
        if body["type"] == "echo":
            answer = {"type": "echo_ok", "echo": body["echo"]}
        if body["type"] == "proxy":
            number, call = next(self.ids), SimpleQueue()
            self.calls[number] = call
            self.write(body["target"], {**body["inner"], "msg_id": number})
            try:
                answer = {"type": "proxy_ok", "result": call.get(timeout=1)}
            except Empty:
                answer = {"type": "error", "code": 0, "text": "no reply"}
        self.write(message["src"], {**answer, "msg_id": next(self.ids), "in_reply_to": body["msg_id"]})


node = Node()
while line := sys.stdin.readline():
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        node.name = body["node_id"]
        node.write(message["src"], {"type": "init_ok", "msg_id": next(node.ids), "in_reply_to": body["msg_id"]})
    elif "in_reply_to" in body:
        call = node.calls.pop(body["in_reply_to"], None)
        if call:
            call.put(body)
    else:
        threading.Thread(target=node.serve, args=(message,)).start()
