# corpus: a pool; the lock of stdout guards the counter in replies, the lock of the table guards it in requests
# finds: data-race
# misconception: two-locks-for-one-datum
# preemptions: 1
# outcome: duplicate-msg-id
# lines: 41 42 47 48
# workload: proxy-and-echo
import json
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late


class Table:
    """Who waits for which reply."""

    def __init__(self):
        self.lock = threading.Lock()
        self.rows = {}

    def take(self, number):
        with self.lock:
            return self.rows.pop(number, None)


class Node:
    def __init__(self):
        self.table = Table()
        self.out_lock = threading.Lock()
        self.last_id = -1
        self.name = None
        self.pool = ThreadPoolExecutor(100)

    def emit(self, dest, body):
        sys.stdout.write(json.dumps({"src": self.name, "dest": dest, "body": body}) + "\n")
        sys.stdout.flush()

    def reply(self, message, body):
        with self.out_lock:
            self.last_id += 1
            self.emit(message["src"], {**body, "msg_id": self.last_id, "in_reply_to": message["body"]["msg_id"]})

    def call(self, dest, body):
        future = Future()
        with self.table.lock:
            self.last_id += 1
            number = self.last_id
            self.table.rows[number] = future
        with self.out_lock:
            self.emit(dest, {**body, "msg_id": number})
        try:
            return {"type": "proxy_ok", "result": future.result(timeout=1)}
        except Late:
            return {"type": "error", "code": 0, "text": "timeout"}

    def handle(self, message):
        body = message["body"]
        if body["type"] == "proxy":
            self.reply(message, self.call(body["target"], body["inner"]))
        elif body["type"] == "echo":
            self.reply(message, {"type": "echo_ok", "echo": body["echo"]})
        else:
            self.reply(message, {"type": "error", "code": 10, "text": "unknown type"})

    def run(self):
        with self.pool:
            for line in sys.stdin.buffer:
                message = json.loads(line)
                if message["body"]["type"] == "init":
                    self.name = message["body"]["node_id"]
                    self.reply(message, {"type": "init_ok"})
                elif "in_reply_to" in message["body"]:
                    future = self.table.take(message["body"]["in_reply_to"])
                    if future:
                        future.set_result(message["body"])
                else:
                    self.pool.submit(self.handle, message)


Node().run()
