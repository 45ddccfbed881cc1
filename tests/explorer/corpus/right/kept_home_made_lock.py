# corpus: a lock of the learner's own on a one-step operation: who pops the only token may go in, and puts it back
# finds: nothing
# suites: rpc maelstrom-echo
import json
import sys
import threading
import time
from queue import Empty, Queue

token = ["go"]
last = 0
node_id = None
inboxes = {}


class Gate:
    def __enter__(self):
        while True:
            try:
                return token.pop()
            except IndexError:
                time.sleep(0.001)

    def __exit__(self, *_):
        token.append("go")


gate = Gate()


def say(dest, body, inbox=None):
    global last
    with gate:
        number = last
        last = number + 1
        if inbox is not None:
            inboxes[number] = inbox
        print(json.dumps({"src": node_id, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)


def handle(message):
    body = message["body"]
    answer = {"type": "error", "code": 10, "text": "not supported"}
    if body["type"] == "echo":
        answer = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] == "proxy":
        inbox = Queue()
        say(body["target"], body["inner"], inbox)
        try:
            answer = {"type": "proxy_ok", "result": inbox.get(timeout=1)}
        except Empty:
            answer = {"type": "error", "code": 0, "text": "timeout"}
    say(message["src"], {**answer, "in_reply_to": body["msg_id"]})


for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        node_id = body["node_id"]
        say(message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"]})
    elif "in_reply_to" in body:
        if inbox := inboxes.pop(body["in_reply_to"], None):
            inbox.put(body)
    else:
        threading.Thread(target=handle, args=(message,)).start()
