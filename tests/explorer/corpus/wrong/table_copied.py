# corpus: the table of calls is never changed, but replaced by a longer copy; two copies at once lose an entry
# finds: data-race
# misconception: nobody-comes-between
# preemptions: 1
# outcome: wrong-type
# lines: 33
# workload: two-proxies
import json
import sys
import threading
from itertools import count


class Node:
    def __init__(self):
        self.ids = count()
        self.calls = {}
        self.lock = threading.Lock()
        self.name = None

    def write(self, dest, body):
        with self.lock:
            print(json.dumps({"src": self.name, "dest": dest, "body": body}), flush=True)

    def reply(self, to, **body):
        self.write(to["src"], {**body, "msg_id": next(self.ids), "in_reply_to": to["body"]["msg_id"]})

    def echo(self, message):
        self.reply(message, type="echo_ok", echo=message["body"]["echo"])

    def proxy(self, message):
        number, came, letter = next(self.ids), threading.Event(), []
        self.calls = {**self.calls, number: (came, letter)}
        self.write(message["body"]["target"], {**message["body"]["inner"], "msg_id": number})
        if came.wait(timeout=1):
            self.reply(message, type="proxy_ok", result=letter[0])
        else:
            self.reply(message, type="error", code=0, text="the peer is silent")

    def other(self, message):
        self.reply(message, type="error", code=10, text="no such type")

    def dispatch(self, message):
        body = message["body"]
        if "in_reply_to" in body:
            came, letter = self.calls.get(body["in_reply_to"], (None, None))
            if came:
                letter.append(body)
                came.set()
        elif body["type"] == "init":
            self.name = body["node_id"]
            self.reply(message, type="init_ok")
        else:
            handler = {"echo": self.echo, "proxy": self.proxy}.get(body["type"], self.other)
            threading.Thread(target=handler, args=(message,), daemon=False).start()


node = Node()
for line in sys.stdin:
    node.dispatch(json.loads(line))
