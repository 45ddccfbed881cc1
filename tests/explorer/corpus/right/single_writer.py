# corpus: handlers put bodies into a queue; one writer thread numbers and writes them, told to end by a letter
# finds: nothing
# suites: rpc maelstrom-echo
import json
import sys
import threading
from queue import Empty, Queue


class Node:
    def __init__(self):
        self.outbox, self.slots, self.handlers = Queue(), {}, []

    def write(self):
        number = 0
        while (letter := self.outbox.get()) is not None:
            dest, body, slot = letter
            if slot is not None:
                self.slots[number] = slot
            line = {"src": self.id, "dest": dest, "body": {**body, "msg_id": number}}
            print(json.dumps(line), flush=True)
            number += 1

    def reply(self, message, body):
        self.outbox.put((message["src"], {**body, "in_reply_to": message["body"]["msg_id"]}, None))

    def proxy(self, message):
        slot = Queue()
        self.outbox.put((message["body"]["target"], message["body"]["inner"], slot))
        try:
            self.reply(message, {"type": "proxy_ok", "result": slot.get(timeout=1)})
        except Empty:
            self.reply(message, {"type": "error", "code": 0, "text": "no reply"})

    def handle(self, message):
        body = message["body"]
        if body["type"] == "echo":
            self.reply(message, {"type": "echo_ok", "echo": body["echo"]})
        elif body["type"] == "proxy":
            self.proxy(message)
        else:
            self.reply(message, {"type": "error", "code": 10, "text": "not supported"})

    def run(self):
        writer = threading.Thread(target=self.write)
        for line in sys.stdin:
            message = json.loads(line)
            body = message["body"]
            if body["type"] == "init":
                self.id = body["node_id"]
                writer.start()
                self.reply(message, {"type": "init_ok"})
            elif "in_reply_to" in body:
                slot = self.slots.pop(body["in_reply_to"], None)
                if slot:
                    slot.put(body)
            else:
                self.handlers.append(threading.Thread(target=self.handle, args=(message,)))
                self.handlers[-1].start()
        for handler in self.handlers:
            handler.join()
        self.outbox.put(None)


Node().run()
