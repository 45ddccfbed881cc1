# corpus: each handler has its line encoded by the pool that it runs in: with as many handlers as workers nobody encodes
# finds: deadlock
# misconception: pool-that-waits-for-itself
# preemptions: 0
# outcome: no-reply
# lines: 26
# workload: three-at-once
import itertools
import json
import sys
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait


class Node:
    def __init__(self):
        self.pool = ThreadPoolExecutor(3)
        self.ids = itertools.count()
        self.out = threading.Lock()
        self.calls = {}
        self.deadlines = []

    def send(self, dest, body):
        line = self.pool.submit(json.dumps, {"src": self.name, "dest": dest, "body": body})
        wait([line])
        with self.out:
            sys.stdout.write(line.result() + "\n")
            sys.stdout.flush()

    def reply(self, message, body):
        self.send(message["src"], {**body, "msg_id": next(self.ids), "in_reply_to": message["body"]["msg_id"]})

    def handle(self, message):
        body = message["body"]
        if body["type"] == "echo":
            self.reply(message, {"type": "echo_ok", "echo": body["echo"]})
        elif body["type"] == "proxy":
            number, call = next(self.ids), Future()
            self.calls[number] = call
            call.add_done_callback(lambda done: self.reply(message, done.result()))
            timer = threading.Timer(1, self.finish, (number, {"type": "error", "code": 0, "text": "no reply"}))
            timer.start()
            self.send(body["target"], {**body["inner"], "msg_id": number})
        else:
            self.reply(message, {"type": "error", "code": 10, "text": "not supported"})

    def finish(self, number, body):
        call = self.calls.pop(number, None)
        if call is not None:
            call.set_result(body)


node, jobs = Node(), []
for line in sys.stdin:
    message = json.loads(line)
    if message["body"]["type"] == "init":
        node.name = message["body"]["node_id"]
        node.reply(message, {"type": "init_ok"})
    elif "in_reply_to" in message["body"]:
        node.finish(message["body"]["in_reply_to"], {"type": "proxy_ok", "result": message["body"]})
    else:
        jobs.append(node.pool.submit(node.handle, message))
wait(jobs)
while node.calls:
    time.sleep(0.01)
