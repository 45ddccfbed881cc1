# corpus: unlocked counters of what was served, for the log alone: they may lose updates, and no message shows it
# finds: nothing
# suites: rpc maelstrom-echo
import json
import sys
import threading
from queue import Empty, Queue

served = 0
last_type = None
lock = threading.Lock()
next_id = 0
slots = {}
node_id = None


def send(dest, body, slot=None):
    global next_id
    with lock:
        number = next_id
        next_id += 1
        if slot:
            slots[number] = slot
        print(json.dumps({"src": node_id, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)


def handle(message):
    global served, last_type
    body = message["body"]
    last_type = body["type"]
    if body["type"] == "echo":
        answer = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] == "proxy":
        slot = Queue()
        send(body["target"], body["inner"], slot)
        try:
            answer = {"type": "proxy_ok", "result": slot.get(timeout=1)}
        except Empty:
            answer = {"type": "error", "code": 0, "text": "no reply"}
    else:
        answer = {"type": "error", "code": 10, "text": "not supported"}
    send(message["src"], {**answer, "in_reply_to": body["msg_id"]})
    served += 1


threads = []
for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        node_id = body["node_id"]
        send(message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"]})
    elif "in_reply_to" in body:
        with lock:
            slot = slots.pop(body["in_reply_to"], None)
        if slot:
            slot.put(body)
    else:
        threads.append(threading.Thread(target=handle, args=(message,)))
        threads[-1].start()
for thread in threads:
    thread.join()
print("served about", served, "the last was", last_type, file=sys.stderr)
