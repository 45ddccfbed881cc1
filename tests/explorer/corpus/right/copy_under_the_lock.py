# corpus: the table is replaced by a longer copy, always under the lock; readers look at the old or the new one, both whole
# finds: nothing
# suites: rpc maelstrom-echo
import json
import sys
import threading
from itertools import count


class Node:
    def __init__(self):
        self.ids, self.calls, self.changing, self.out = count(), {}, threading.Lock(), threading.Lock()

    def write(self, dest, body):
        with self.out:
            print(json.dumps({"src": self.name, "dest": dest, "body": body}), flush=True)

    def reply(self, to, **body):
        self.write(to["src"], {**body, "msg_id": next(self.ids), "in_reply_to": to["body"]["msg_id"]})

    def echo(self, message):
        self.reply(message, type="echo_ok", echo=message["body"]["echo"])

    def proxy(self, message):
        number, came, letter = next(self.ids), threading.Event(), []
        with self.changing:
            self.calls = {**self.calls, number: (came, letter)}
        self.write(message["body"]["target"], {**message["body"]["inner"], "msg_id": number})
        if came.wait(timeout=1):
            self.reply(message, type="proxy_ok", result=letter[0])
        else:
            self.reply(message, type="error", code=0, text="the peer is silent")
        with self.changing:
            self.calls = {n: call for n, call in self.calls.items() if n != number}

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
            threading.Thread(target=handler, args=(message,)).start()


node = Node()
for line in sys.stdin:
    node.dispatch(json.loads(line))
