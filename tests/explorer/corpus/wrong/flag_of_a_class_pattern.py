# corpus: whether a call is still open is looked at by a class pattern; the reply and the timer both find it open
# finds: data-race
# misconception: check-then-act
# preemptions: 1
# outcome: duplicate-reply
# lines: 49 50
# workload: proxy-late
import json
import sys
import threading
from dataclasses import dataclass


@dataclass
class Call:
    request: dict
    state: str = "open"


class Node:
    def __init__(self):
        self.name = None
        self.count = 0
        self.calls = {}
        self.guard = threading.Lock()

    def send(self, dest, body, call=None):
        with self.guard:
            self.count += 1
            body = {**body, "msg_id": self.count}
            if call is not None:
                self.calls[self.count] = call
            print(json.dumps({"src": self.name, "dest": dest, "body": body}), flush=True)

    def reply(self, request, body):
        self.send(request["src"], {**body, "in_reply_to": request["body"]["msg_id"]})

    def proxy(self, request):
        call = Call(request)
        timer = threading.Timer(1.0, self.close, (call, {"type": "error", "code": 0}))
        timer.daemon = True
        timer.start()
        self.send(request["body"]["target"], request["body"]["inner"], call)

    def close(self, call, body):
        match call:
            case Call(state="closed"):
                return
            case Call(request=request, state="open"):
                call.state = "closed"
                self.reply(request, body)

    def handle(self, message):
        match message["body"]:
            case {"in_reply_to": number, **body}:
                if number in self.calls:
                    self.close(self.calls[number], {"type": "proxy_ok", "result": message["body"]})
            case {"type": "init", "node_id": name}:
                self.name = name
                self.reply(message, {"type": "init_ok"})
            case {"type": "echo", "echo": text}:
                self.reply(message, {"type": "echo_ok", "echo": text})
            case {"type": "proxy", "target": _, "inner": _}:
                self.proxy(message)
            case {"type": "echo" | "proxy"}:
                self.reply(message, {"type": "error", "code": 12})
            case {"msg_id": _}:
                self.reply(message, {"type": "error", "code": 10})


node = Node()
for line in sys.stdin:
    try:
        message = json.loads(line)
        message["src"], message["body"]
    except (ValueError, KeyError, TypeError):
        continue
    node.handle(message)
