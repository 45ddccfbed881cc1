# corpus: three workers take requests from a queue; who answers an unknown type goes on to the next without task_done, and the end waits for all
# finds: hung-after-eof
# misconception: none
# preemptions: 0
# outcome: hung-after-eof
# lines: 41 71
# workload: ends-after-error
import json
import queue
import sys
import threading

node_id, next_id = None, 0
lock = threading.Lock()
slots = {}
requests = queue.Queue()


def send(dest, body, slot=None):
    global next_id
    with lock:
        number = next_id
        next_id += 1
        if slot is not None:
            slots[number] = slot
        print(json.dumps({"src": node_id, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)
    return number


def proxy(body):
    slot = queue.SimpleQueue()
    send(body["target"], body["inner"], slot)
    try:
        return {"type": "proxy_ok", "result": slot.get(timeout=1)}
    except queue.Empty:
        return {"type": "error", "code": 0, "text": "no reply"}


def work():
    while True:
        message = requests.get()
        body = message["body"]
        if body["type"] == "echo":
            answer = {"type": "echo_ok", "echo": body["echo"]}
        elif body["type"] == "proxy":
            answer = proxy(body)
        else:
            answer = {"type": "error", "code": 10, "text": "not supported"}
            send(message["src"], {**answer, "in_reply_to": body["msg_id"]})
            continue
        send(message["src"], {**answer, "in_reply_to": body["msg_id"]})
        requests.task_done()


for _ in range(3):
    threading.Thread(target=work, daemon=True).start()


for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        node_id = body["node_id"]
        send(message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"]})
    elif "in_reply_to" in body:
        slot = slots.pop(body["in_reply_to"], None)
        if slot:
            slot.put(body)
    else:
        requests.put(message)
requests.join()
