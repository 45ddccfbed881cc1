# corpus: an executor runs the handlers, a Future carries each reply from the reader to its handler
# finds: nothing
# suites: rpc maelstrom-echo
import json
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from threading import Lock


class Node:
    def __init__(self):
        self.lock, self.next_id, self.futures, self.name = Lock(), 0, {}, None

    def send(self, dest, body, future=None):
        with self.lock:
            number, self.next_id = self.next_id, self.next_id + 1
            if future:
                self.futures[number] = future
            sys.stdout.write(json.dumps({"src": self.name, "dest": dest, "body": {**body, "msg_id": number}}) + "\n")
            sys.stdout.flush()

    def reply(self, message, body):
        self.send(message["src"], {**body, "in_reply_to": message["body"]["msg_id"]})

    def echo(self, message):
        self.reply(message, {"type": "echo_ok", "echo": message["body"]["echo"]})

    def proxy(self, message):
        future = Future()
        self.send(message["body"]["target"], message["body"]["inner"], future)
        try:
            self.reply(message, {"type": "proxy_ok", "result": future.result(timeout=1)})
        except Late:
            self.reply(message, {"type": "error", "code": 0, "text": "no reply"})

    def unknown(self, message):
        self.reply(message, {"type": "error", "code": 10, "text": "not supported"})

    def run(self):
        with ThreadPoolExecutor(1050) as pool:
            for line in sys.stdin:
                message = json.loads(line)
                body = message["body"]
                if body["type"] == "init":
                    self.name = body["node_id"]
                    self.reply(message, {"type": "init_ok"})
                elif "in_reply_to" in body:
                    with self.lock:
                        future = self.futures.pop(body["in_reply_to"], None)
                    if future:
                        future.set_result(body)
                else:
                    pool.submit({"echo": self.echo, "proxy": self.proxy}.get(body["type"], self.unknown), message)


Node().run()
