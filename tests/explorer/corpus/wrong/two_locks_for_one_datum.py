# corpus: replies count under one lock, requests to peers under another; the counter is the same
# finds: data-race
# misconception: two-locks-for-one-datum
# preemptions: 1
# outcome: duplicate-msg-id
# lines: 29 30 39 40
# workload: proxy-and-echo
import json
import sys
import threading
from queue import Empty, Queue

reply_lock = threading.Lock()
rpc_lock = threading.Lock()
stdout_lock = threading.Lock()
next_id = 0
node_id = None
pending = {}


def write(dest, body):
    with stdout_lock:
        print(json.dumps({"src": node_id, "dest": dest, "body": body}), flush=True)


def reply(request, body):
    global next_id
    with reply_lock:
        body["msg_id"] = next_id
        next_id += 1
    body["in_reply_to"] = request["body"]["msg_id"]
    write(request["src"], body)


def rpc(dest, body):
    global next_id
    box = Queue()
    with rpc_lock:
        number = next_id
        next_id += 1
        pending[number] = box
    write(dest, {**body, "msg_id": number})
    try:
        return box.get(timeout=1)
    except Empty:
        return None
    finally:
        with rpc_lock:
            pending.pop(number, None)


def handle(request):
    body = request["body"]
    if body["type"] == "echo":
        reply(request, {"type": "echo_ok", "echo": body["echo"]})
    elif body["type"] == "proxy":
        result = rpc(body["target"], body["inner"])
        if result is None:
            reply(request, {"type": "error", "code": 0, "text": "no reply"})
        else:
            reply(request, {"type": "proxy_ok", "result": result})
    else:
        reply(request, {"type": "error", "code": 10, "text": "not supported"})


for line in sys.stdin:
    message = json.loads(line)
    if message["body"]["type"] == "init":
        node_id = message["body"]["node_id"]
        reply(message, {"type": "init_ok"})
    elif "in_reply_to" in message["body"]:
        with rpc_lock:
            box = pending.get(message["body"]["in_reply_to"])
        if box:
            box.put(message["body"])
    else:
        threading.Thread(target=handle, args=(message,)).start()
