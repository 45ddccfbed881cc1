# corpus: an actor owns all state; the reader and the timers only put letters into its mailbox. Keeps the order
# finds: nothing
# suites: async-handler rpc maelstrom-echo
import json
import queue
import sys
import threading


class Actor(threading.Thread):
    def __init__(self):
        super().__init__()
        self.mailbox = queue.SimpleQueue()
        self.name_of_node, self.next_id, self.waiting, self.open = None, 0, {}, True

    def send(self, dest, body):
        number, self.next_id = self.next_id, self.next_id + 1
        print(json.dumps({"src": self.name_of_node, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)
        return number

    def run(self):
        while self.open or self.waiting:
            kind, letter = self.mailbox.get()
            getattr(self, "on_" + kind)(letter)

    def on_end(self, _):
        self.open = False

    def on_late(self, number):
        request = self.waiting.pop(number, None)
        if request:
            self.answer(request, {"type": "error", "code": 0, "text": "no reply"})

    def answer(self, request, body):
        self.send(request["src"], {**body, "in_reply_to": request["body"]["msg_id"]})

    def on_line(self, line):
        try:
            message = json.loads(line)
            body, _ = message["body"], message["src"]
            kind = body.get("type")
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            print(f"no message: {error!r}", file=sys.stderr)
            return
        if "in_reply_to" in body:
            request = self.waiting.pop(body["in_reply_to"], None)
            if request:
                self.answer(request, {"type": "proxy_ok", "result": body})
        elif "msg_id" in body:
            try:
                self.serve(kind, message, body)
            except KeyError as missing:
                self.answer(message, {"type": "error", "code": 12, "text": f"{missing} is missing"})

    def serve(self, kind, message, body):
        if kind == "init":
            self.name_of_node = body["node_id"]
            self.answer(message, {"type": "init_ok"})
        elif kind == "echo":
            self.answer(message, {"type": "echo_ok", "echo": body["echo"]})
        elif kind == "proxy":
            target, inner = body["target"], body["inner"]
            number = self.send(target, inner)
            self.waiting[number] = message
            timer = threading.Timer(1, self.mailbox.put, [("late", number)])
            timer.daemon = True
            timer.start()
        else:
            self.answer(message, {"type": "error", "code": 10, "text": "not supported"})


actor = Actor()
actor.start()
for line in sys.stdin:
    actor.mailbox.put(("line", line))
actor.mailbox.put(("end", None))
actor.join()
