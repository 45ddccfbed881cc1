# corpus: the reply is stored without a lock, then an Event is set: who has waited for it may read
# finds: nothing
# suites: rpc maelstrom-echo
import json
import sys
import threading
from itertools import count


class Call:
    def __init__(self):
        self.came = threading.Event()
        self.body = None

    def deliver(self, body):
        self.body = body
        self.came.set()

    def outcome(self, seconds):
        if self.came.wait(seconds):
            return {"type": "proxy_ok", "result": self.body}
        return {"type": "error", "code": 0, "text": "no reply"}


class Node:
    def __init__(self):
        self.ids, self.calls, self.out = count(), {}, threading.Lock()

    def write(self, dest, body, number):
        text = json.dumps({"src": self.id, "dest": dest, "body": {**body, "msg_id": number}}) + "\n"
        with self.out:
            sys.stdout.buffer.write(text.encode())
            sys.stdout.buffer.flush()

    def answer(self, body):
        if body["type"] == "init":
            self.id = body["node_id"]
            return {"type": "init_ok"}
        if body["type"] == "echo":
            return {"type": "echo_ok", "echo": body["echo"]}
        if body["type"] != "proxy":
            return {"type": "error", "code": 10, "text": "unknown type"}
        number, call = next(self.ids), Call()
        self.calls[number] = call
        self.write(body["target"], body["inner"], number)
        outcome = call.outcome(1)
        self.calls.pop(number, None)
        return outcome

    def handle(self, src, body):
        self.write(src, {**self.answer(body), "in_reply_to": body["msg_id"]}, next(self.ids))


node = Node()
for line in sys.stdin.buffer:
    message = json.loads(line)
    src, body = message["src"], message["body"]
    if "in_reply_to" in body:
        call = node.calls.get(body["in_reply_to"])
        if call is not None and not call.came.is_set():
            call.deliver(body)
    elif body["type"] == "init":
        node.handle(src, body)
    else:
        threading.Thread(target=node.handle, args=(src, body)).start()
