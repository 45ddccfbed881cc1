# corpus: one object a request, each with its own lock, for a counter that belongs to the class
# finds: data-race
# misconception: a-lock-a-request
# preemptions: 1
# outcome: duplicate-msg-id
# lines: 29 30
# workload: two-echoes
import json
import queue
import sys
import threading

stdout = threading.Lock()


class Handler(threading.Thread):
    node_id = None
    next_id = 0
    waiting = {}

    def __init__(self, message):
        super().__init__()
        self.message = message
        self.lock = threading.Lock()
        self.inbox = queue.Queue()

    def fresh(self):
        with self.lock:
            Handler.next_id += 1
            return Handler.next_id

    def write(self, dest, body):
        with stdout:
            print(json.dumps({"src": Handler.node_id, "dest": dest, "body": body}), flush=True)

    def reply(self, body):
        body.update(in_reply_to=self.message["body"]["msg_id"], msg_id=self.fresh())
        self.write(self.message["src"], body)

    def run(self):
        body = self.message["body"]
        if body["type"] == "init":
            Handler.node_id = body["node_id"]
            self.reply({"type": "init_ok"})
        elif body["type"] == "echo":
            self.reply({"type": "echo_ok", "echo": body["echo"]})
        elif body["type"] == "proxy":
            number = self.fresh()
            Handler.waiting[number] = self.inbox
            self.write(body["target"], {**body["inner"], "msg_id": number})
            try:
                self.reply({"type": "proxy_ok", "result": self.inbox.get(timeout=1.0)})
            except queue.Empty:
                self.reply({"type": "error", "code": 0, "text": "gave up"})
        else:
            self.reply({"type": "error", "code": 10, "text": "?"})


for line in sys.stdin:
    message = json.loads(line)
    if "in_reply_to" in message["body"]:
        inbox = Handler.waiting.pop(message["body"]["in_reply_to"], None)
        if inbox:
            inbox.put(message["body"])
    elif message["body"]["type"] == "init":
        Handler(message).run()
    else:
        Handler(message).start()
