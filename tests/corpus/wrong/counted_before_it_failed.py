# corpus: an actor counts a proxy before it looks for its fields: one that fails is never counted down, and it waits for it at the end
# expect: hung-after-eof
# suites: rpc
import json
import queue
import sys
import threading

mailbox = queue.Queue()


class Owner(threading.Thread):
    """Owns everything: the id, the counter, who waits, and stdout."""

    def __init__(self):
        super().__init__(daemon=True)
        self.node_id = None
        self.counter = 0
        self.waiting = {}
        self.working = 0
        self.ended = False

    def run(self):
        while not (self.ended and self.working == 0):
            kind, *args = mailbox.get()
            if kind == "line":
                self.on_line(*args)
            elif kind == "call":
                dest, body, box = args
                self.waiting[self.send(dest, body)] = box
            elif kind == "done":
                request, body, box = args
                self.working -= 1
                self.waiting = {k: b for k, b in self.waiting.items() if b is not box}
                self.reply(request, body)
            elif kind == "end":
                self.ended = True

    def send(self, dest, body):
        number = self.counter
        self.counter += 1
        body = dict(body)
        body["msg_id"] = number
        print(json.dumps({"src": self.node_id, "dest": dest, "body": body}), flush=True)
        return number

    def reply(self, request, body):
        body = dict(body)
        body["in_reply_to"] = request["body"]["msg_id"]
        self.send(request["src"], body)

    def on_line(self, line):
        try:
            message = json.loads(line)
            body = message["body"]
            kind = body["type"]
            src = message["src"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return
        if "in_reply_to" in body:
            box = self.waiting.pop(body["in_reply_to"], None)
            if box is not None:
                box.put(body)
            return
        if "msg_id" not in body:
            return
        try:
            if kind == "init":
                self.node_id = body["node_id"]
                self.reply(message, {"type": "init_ok"})
            elif kind == "echo":
                self.reply(message, {"type": "echo_ok", "echo": body["echo"]})
            elif kind == "proxy":
                self.working += 1
                args = (message, body["target"], body["inner"])
                threading.Thread(target=proxy, args=args).start()
            else:
                self.reply(message, {"type": "error", "code": 10, "text": "unknown type"})
        except KeyError as field:
            self.reply(message, {"type": "error", "code": 12, "text": f"no field {field}"})


def proxy(request, target, inner):
    box = queue.Queue()
    mailbox.put(("call", target, inner, box))
    try:
        answer = {"type": "proxy_ok", "result": box.get(timeout=1)}
    except queue.Empty:
        answer = {"type": "error", "code": 0, "text": "timeout"}
    mailbox.put(("done", request, answer, box))


owner = Owner()
owner.start()
for line in sys.stdin.buffer:
    mailbox.put(("line", line))
mailbox.put(("end",))
owner.join()
