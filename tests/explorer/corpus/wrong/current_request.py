# corpus: a global holds the request that is being served, and reply() answers to it
# finds: data-race
# misconception: reply-in-a-shared-variable
# preemptions: 1
# outcome: wrong-address
# lines: 30 31 52
# workload: two-echoes
import json
import sys
import threading
from queue import Empty, SimpleQueue

current = None
node_id = None
next_id = 0
out = threading.Lock()
slots = {}


def send(dest, body, slot=None):
    global next_id
    with out:
        number, next_id = next_id, next_id + 1
        if slot is not None:
            slots[number] = slot
        print(json.dumps({"src": node_id, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)


def reply(body):
    body["in_reply_to"] = current["body"]["msg_id"]
    send(current["src"], body)


def echo(body):
    reply({"type": "echo_ok", "echo": body["echo"]})


def proxy(body):
    global current
    request, slot = current, SimpleQueue()
    send(body["target"], body["inner"], slot)
    try:
        answer = {"type": "proxy_ok", "result": slot.get(timeout=1)}
    except Empty:
        answer = {"type": "error", "code": 0, "text": "no reply"}
    current = request  # others have been served meanwhile
    reply(answer)


def serve(message):
    global current
    current = message
    body = message["body"]
    if body["type"] == "echo":
        echo(body)
    elif body["type"] == "proxy":
        proxy(body)
    else:
        reply({"type": "error", "code": 10, "text": "not supported"})


for line in sys.stdin:
    message = json.loads(line)
    if message["body"]["type"] == "init":
        node_id = message["body"]["node_id"]
        send(message["src"], {"type": "init_ok", "in_reply_to": message["body"]["msg_id"]})
    elif "in_reply_to" in message["body"]:
        slot = slots.pop(message["body"]["in_reply_to"], None)
        if slot:
            slot.put(message["body"])
    else:
        threading.Thread(target=serve, args=(message,)).start()
