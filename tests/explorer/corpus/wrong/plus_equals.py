# corpus: a thread a message; the counter is read on one line and raised on the next, with no lock
# finds: data-race
# misconception: nobody-comes-between
# preemptions: 1
# outcome: duplicate-msg-id
# lines: 22 23
# workload: two-echoes
import json
import queue
import sys
import threading


class Node:
    def __init__(self):
        self.id = None
        self.next_id = 0
        self.waiting = {}
        self.out = threading.Lock()

    def take_id(self):
        number = self.next_id
        self.next_id += 1
        return number

    def write(self, dest, body):
        with self.out:
            print(json.dumps({"src": self.id, "dest": dest, "body": body}), flush=True)

    def reply(self, request, body):
        self.write(request["src"], {**body, "msg_id": self.take_id(), "in_reply_to": request["body"]["msg_id"]})

    def proxy(self, request):
        number, slot = self.take_id(), queue.Queue()
        self.waiting[number] = slot
        self.write(request["body"]["target"], {**request["body"]["inner"], "msg_id": number})
        try:
            self.reply(request, {"type": "proxy_ok", "result": slot.get(timeout=1)})
        except queue.Empty:
            self.reply(request, {"type": "error", "code": 0, "text": "no reply"})
        self.waiting.pop(number, None)

    def handle(self, request):
        kind = request["body"]["type"]
        if kind == "echo":
            self.reply(request, {"type": "echo_ok", "echo": request["body"]["echo"]})
        elif kind == "proxy":
            self.proxy(request)
        else:
            self.reply(request, {"type": "error", "code": 10, "text": "not supported"})

    def run(self):
        for line in sys.stdin:
            message = json.loads(line)
            body = message["body"]
            if body["type"] == "init":
                self.id = body["node_id"]
                self.reply(message, {"type": "init_ok"})
            elif "in_reply_to" in body:
                slot = self.waiting.get(body["in_reply_to"])
                if slot:
                    slot.put(body)
            else:
                threading.Thread(target=self.handle, args=(message,)).start()


Node().run()
