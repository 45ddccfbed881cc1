# ruff: noqa: F821
"""What the small nodes of these tests have in common; each test puts its own `send` and `start` in front."""

import json
import sys
import threading

node_id = None
next_id = 0
lock = threading.Lock()
threads = []


def write(dest, body):
    with lock:
        sys.stdout.write(json.dumps({"src": node_id, "dest": dest, "body": body}) + "\n")
        sys.stdout.flush()


#: PARTS


def handle(message):
    body = message["body"]
    if body["type"] == "echo":
        send(message["src"], {"type": "echo_ok", "echo": body["echo"], "in_reply_to": body["msg_id"]})
    else:
        send(message["src"], {"type": "error", "code": 10, "text": "?", "in_reply_to": body["msg_id"]})


for line in sys.stdin:
    message = json.loads(line)
    if message["body"]["type"] == "init":
        node_id = message["body"]["node_id"]
        send(message["src"], {"type": "init_ok", "in_reply_to": message["body"]["msg_id"]})
    else:
        start(message)
for thread in threads:
    thread.join()
