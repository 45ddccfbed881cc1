# corpus: a writer is started where none is alive, and ends where nothing is left; the last one may still be alive, and have looked
# finds: data-race
# misconception: none
# preemptions: 1
# outcome: no-reply
# lines: 23 25 32
# workload: two-echoes
import json
import sys
from collections import deque
from itertools import count
from queue import Empty, SimpleQueue
from threading import Lock, Thread


class Outbox:
    def __init__(self):
        self.lines = deque()
        self.writer = None
        self.starting = Lock()

    def put(self, line):
        self.lines.append(line)
        with self.starting:
            if self.writer is None or not self.writer.is_alive():
                self.writer = Thread(target=self.write)
                self.writer.start()

    def write(self):
        while True:
            try:
                print(self.lines.popleft(), flush=True)
            except IndexError:
                return


outbox, numbers, calls = Outbox(), count(), {}
handlers = []
name = None


def send(dest, body, number):
    outbox.put(json.dumps({"src": name, "dest": dest, "body": {**body, "msg_id": number}}))


def handle(message):
    body = message["body"]
    answer = {"type": "error", "code": 10, "text": "not supported"}
    if body["type"] == "echo":
        answer = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] == "proxy":
        number = next(numbers)
        calls[number] = SimpleQueue()
        send(body["target"], body["inner"], number)
        try:
            answer = {"type": "proxy_ok", "result": calls[number].get(timeout=1)}
        except Empty:
            answer = {"type": "error", "code": 0, "text": "no reply"}
    send(message["src"], {**answer, "in_reply_to": body["msg_id"]}, next(numbers))


for line in sys.stdin:
    message = json.loads(line)
    if message["body"]["type"] == "init":
        name = message["body"]["node_id"]
        send(message["src"], {"type": "init_ok", "in_reply_to": message["body"]["msg_id"]}, next(numbers))
    elif (letters := calls.get(message["body"].get("in_reply_to"))) is not None:
        letters.put(message["body"])
    else:
        handlers.append(Thread(target=handle, args=[message]))
        handlers[-1].start()
for handler in handlers:
    handler.join()
