# corpus: each handler starts a thread that waits and a thread that counts the time; the first to finish answers
# finds: data-race
# misconception: check-then-act
# preemptions: 1
# outcome: duplicate-reply
# lines: 37 38
# workload: proxy-late
import json
import sys
import threading
import time

lock = threading.Lock()
numbers = iter(range(10**9))
table = {}
node = None


def write(dest, body):
    with lock:
        body = {**body, "msg_id": next(numbers)}
        print(json.dumps({"src": node, "dest": dest, "body": body}), flush=True)


def ask(dest, inner, came):
    with lock:
        number = next(numbers)
        table[number] = came
        print(json.dumps({"src": node, "dest": dest, "body": {**inner, "msg_id": number}}), flush=True)


class Proxy:
    def __init__(self, request):
        self.request, self.answered, self.came, self.result = request, False, threading.Event(), None

    def finish(self, body):
        if not self.answered:
            self.answered = True
            write(self.request["src"], {**body, "in_reply_to": self.request["body"]["msg_id"]})

    def wait(self):
        self.came.wait(1.5)
        if self.result is not None:
            self.finish({"type": "proxy_ok", "result": self.result})

    def watch(self):
        time.sleep(1)
        self.finish({"type": "error", "code": 0, "text": "no reply"})

    def start(self):
        threads = [threading.Thread(target=work) for work in (self.wait, self.watch)]
        ask(self.request["body"]["target"], self.request["body"]["inner"], self)
        for thread in threads:
            thread.start()


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
