# corpus: a waiting thread and a clock thread for each proxy; the flag of the first is tested and set under the call's lock
# finds: nothing
# suites: rpc maelstrom-echo
import json
import sys
import threading
import time

out = threading.Lock()
numbers = iter(range(10**9))
table = {}
node = None


def write(dest, body, waiting=None):
    with out:
        number = next(numbers)
        if waiting is not None:
            table[number] = waiting
        print(json.dumps({"src": node, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)


class Proxy:
    def __init__(self, request):
        self.request, self.lock, self.answered = request, threading.Lock(), False
        self.came, self.result = threading.Event(), None

    def finish(self, body):
        with self.lock:
            if self.answered:
                return
            self.answered = True
        write(self.request["src"], {**body, "in_reply_to": self.request["body"]["msg_id"]})

    def wait(self):
        if self.came.wait(2):
            self.finish({"type": "proxy_ok", "result": self.result})

    def watch(self):
        time.sleep(1)
        self.finish({"type": "error", "code": 0, "text": "no reply"})

    def start(self):
        write(self.request["body"]["target"], self.request["body"]["inner"], self)
        for work in (self.wait, self.watch):
            threading.Thread(target=work).start()


def echo(request):
    body = request["body"]
    write(request["src"], {"type": "echo_ok", "echo": body["echo"], "in_reply_to": body["msg_id"]})


for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        node = body["node_id"]
        write(message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"]})
    elif "in_reply_to" in body:
        waiting = table.pop(body["in_reply_to"], None)
        if waiting:
            waiting.result = body
            waiting.came.set()
    elif body["type"] == "proxy":
        Proxy(message).start()
    elif body["type"] == "echo":
        threading.Thread(target=echo, args=(message,)).start()
    else:
        write(message["src"], {"type": "error", "code": 10, "in_reply_to": body["msg_id"]})
