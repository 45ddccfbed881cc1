# corpus: the table calls the writer while it is locked, the writer calls the table while it is locked
# finds: deadlock
# misconception: opposite-lock-order
# preemptions: 1
# outcome: no-reply
# lines: 20 43
# workload: proxy-and-echo
import itertools
import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor


class Writer:
    def __init__(self):
        self.lock, self.ids, self.name, self.table = threading.RLock(), itertools.count(), None, None

    def write(self, dest, body, number=None):
        with self.lock:
            number = next(self.ids) if number is None else number
            print(json.dumps({"src": self.name, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)

    def finish(self, message, body, number=None):
        with self.lock:
            self.write(message["src"], {**body, "in_reply_to": message["body"]["msg_id"]})
            self.table.forget(number)


class Table:
    def __init__(self, writer):
        self.lock, self.calls, self.writer = threading.RLock(), {}, writer

    def ask(self, dest, body):
        call = {"came": threading.Event(), "reply": None}
        with self.lock:
            number = next(self.writer.ids)
            self.calls[number] = call
            self.writer.write(dest, body, number)
        return number, call

    def forget(self, number):
        with self.lock:
            self.calls.pop(number, None)

    def deliver(self, body):
        with self.lock:
            call = self.calls.get(body["in_reply_to"])
        if call:
            call["reply"] = body
            call["came"].set()


def handle(message):
    body, number = message["body"], None
    answer = {"type": "error", "code": 10, "text": "?"}
    if body["type"] == "echo":
        answer = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] == "proxy":
        number, call = table.ask(body["target"], body["inner"])
        answer = {"type": "error", "code": 0, "text": "no reply"}
        if call["came"].wait(1):
            answer = {"type": "proxy_ok", "result": call["reply"]}
    writer.finish(message, answer, number)


writer = Writer()
writer.table = table = Table(writer)
with ThreadPoolExecutor(128) as pool:
    for line in sys.stdin:
        message = json.loads(line)
        if message["body"]["type"] == "init":
            writer.name = message["body"]["node_id"]
            writer.finish(message, {"type": "init_ok"})
        elif "in_reply_to" in message["body"]:
            table.deliver(message["body"])
        else:
            pool.submit(handle, message)
