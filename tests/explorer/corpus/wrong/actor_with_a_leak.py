# corpus: an actor owns the counter, but the thread that waits for a peer numbers the answer itself
# finds: data-race
# misconception: nobody-comes-between
# preemptions: 1
# outcome: duplicate-msg-id
# lines: 24 25
# workload: two-proxies
import json
import queue
import sys
import threading


class Actor(threading.Thread):
    def __init__(self):
        super().__init__()
        self.mailbox = queue.Queue()
        self.next_id = 0
        self.name_of_node = None
        self.slots = {}
        self.outbox = queue.SimpleQueue()

    def number(self):
        n = self.next_id
        self.next_id = n + 1
        return n

    def reply(self, request, body):
        body = {**body, "in_reply_to": request["body"]["msg_id"], "msg_id": self.number()}
        self.outbox.put({"src": self.name_of_node, "dest": request["src"], "body": body})

    def run(self):
        helpers = []
        while (message := self.mailbox.get()) is not None:
            body = message["body"]
            if "in_reply_to" in body:
                if body["in_reply_to"] in self.slots:
                    self.slots[body["in_reply_to"]].put(body)
            elif body["type"] == "init":
                self.name_of_node = body["node_id"]
                self.reply(message, {"type": "init_ok"})
            elif body["type"] == "echo":
                self.reply(message, {"type": "echo_ok", "echo": body["echo"]})
            elif body["type"] == "proxy":
                number = self.number()
                slot = self.slots[number] = queue.SimpleQueue()
                inner = {**body["inner"], "msg_id": number}
                self.outbox.put({"src": self.name_of_node, "dest": body["target"], "body": inner})
                helpers.append(threading.Thread(target=self.wait_for, args=(message, slot)))
                helpers[-1].start()
            else:
                self.reply(message, {"type": "error", "code": 10, "text": "not supported"})
        for helper in helpers:
            helper.join()
        self.outbox.put(None)

    def wait_for(self, request, slot):
        try:
            self.reply(request, {"type": "proxy_ok", "result": slot.get(timeout=1)})
        except queue.Empty:
            self.reply(request, {"type": "error", "code": 0, "text": "no reply"})


def write(outbox):
    while (message := outbox.get()) is not None:
        print(json.dumps(message), flush=True)


actor = Actor()
actor.start()
writer = threading.Thread(target=write, args=(actor.outbox,))
writer.start()
for line in sys.stdin:
    actor.mailbox.put(json.loads(line))
actor.mailbox.put(None)
