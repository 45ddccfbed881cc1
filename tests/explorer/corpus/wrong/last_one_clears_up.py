# corpus: a thread a message; the proxy that ends last clears the table of calls, in which another has just begun
# finds: data-race
# misconception: none
# preemptions: 1
# outcome: wrong-type
# lines: 42 43 45
# workload: proxy-after-proxy
import json
import queue
import sys
import threading

node_id, next_id = None, 0
lock = threading.Lock()
slots = {}
threads = []
calls = 0  # under way


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
    global calls
    slot = queue.SimpleQueue()
    with lock:
        calls += 1
    send(body["target"], body["inner"], slot)
    try:
        answer = {"type": "proxy_ok", "result": slot.get(timeout=1)}
    except queue.Empty:
        answer = {"type": "error", "code": 0, "text": "no reply"}
    with lock:
        calls -= 1
        is_last = calls == 0
    if is_last:
        slots.clear()
    return answer


def handle(message):
    body = message["body"]
    answer = {"type": "error", "code": 10, "text": "not supported"}
    if body["type"] == "echo":
        answer = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] == "proxy":
        answer = proxy(body)
    send(message["src"], {**answer, "in_reply_to": body["msg_id"]})


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
        threads.append(threading.Thread(target=handle, args=(message,)))
        threads[-1].start()
for thread in threads:
    thread.join()
