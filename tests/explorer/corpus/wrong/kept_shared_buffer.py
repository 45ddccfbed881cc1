# corpus: lines are collected in one buffer; whoever comes joins, writes and clears it: a line is lost in between
# finds: data-race
# misconception: none
# preemptions: 1
# outcome: no-reply
# lines: 23 25 26
# workload: two-echoes
import itertools
import json
import os
import sys
import threading
from queue import Empty, Queue

ids = itertools.count(1)
buffer = []
flushing = threading.Lock()
waiting = {}
node_id = None


def send(dest, body):
    buffer.append(json.dumps({"src": node_id, "dest": dest, "body": body}) + "\n")
    with flushing:
        text = "".join(buffer)
        buffer.clear()
        os.write(1, text.encode())


def reply(message, body):
    send(message["src"], {**body, "msg_id": next(ids), "in_reply_to": message["body"]["msg_id"]})


def proxy(message):
    inbox, number = Queue(), next(ids)
    waiting[number] = inbox
    send(message["body"]["target"], {**message["body"]["inner"], "msg_id": number})
    try:
        reply(message, {"type": "proxy_ok", "result": inbox.get(timeout=1)})
    except Empty:
        reply(message, {"type": "error", "code": 0, "text": "nothing came"})


def handle(message):
    if message["body"]["type"] == "proxy":
        proxy(message)
    elif message["body"]["type"] == "echo":
        reply(message, {"type": "echo_ok", "echo": message["body"]["echo"]})
    else:
        reply(message, {"type": "error", "code": 10, "text": "unknown"})


for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        node_id = body["node_id"]
        reply(message, {"type": "init_ok"})
    elif "in_reply_to" in body:
        if body["in_reply_to"] in waiting:
            waiting[body["in_reply_to"]].put(body)
    else:
        threading.Thread(target=handle, args=(message,)).start()
