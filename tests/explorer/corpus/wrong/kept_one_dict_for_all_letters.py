# corpus: one dict is filled anew for each message and put into the writer's queue, which keeps the object, no copy
# finds: data-race
# misconception: none
# preemptions: 0
# outcome: before-init
# lines: 33 36
# workload: start
import json
import queue
import sys
import threading


class Actor:
    def __init__(self):
        self.mailbox = queue.Queue()
        self.outbox = queue.Queue()
        self.letter = {}
        self.node_id = None
        self.next_id = 0

    def write(self):
        while (letter := self.outbox.get()) is not None:
            sys.stdout.write(json.dumps(letter) + "\n")
            sys.stdout.flush()

    def serve(self):
        while (message := self.mailbox.get()) is not None:
            self.handle(message, message["body"])
        self.outbox.put(None)

    def send(self, dest, body):
        self.letter["src"], self.letter["dest"] = self.node_id, dest
        self.letter["body"] = {**body, "msg_id": self.next_id}
        self.next_id += 1
        self.outbox.put(self.letter)

    def handle(self, message, body):
        answer = {"type": "error", "code": 10, "text": "not supported"}
        if body["type"] == "init":
            self.node_id = body["node_id"]
            answer = {"type": "init_ok"}
        elif body["type"] == "echo":
            answer = {"type": "echo_ok", "echo": body["echo"]}
        self.send(message["src"], {**answer, "in_reply_to": body["msg_id"]})


actor = Actor()
threads = [threading.Thread(target=work) for work in (actor.serve, actor.write)]
for thread in threads:
    thread.start()
for line in sys.stdin:
    actor.mailbox.put(json.loads(line))
actor.mailbox.put(None)
for thread in threads:
    thread.join()
