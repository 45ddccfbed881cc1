# corpus: a thread a message; the end waits for the threads of echoes, and those of proxies are daemons that nobody waits for
# finds: lost-at-eof
# misconception: nobody-waits-for-the-threads
# preemptions: 0
# outcome: lost-at-eof
# lines: 34
# workload: ends-after-reply
import json
import queue
import sys
import threading

node_id, next_id = None, 0
lock = threading.Lock()
slots = {}
threads = []


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
        thread = threading.Thread(target=handle, args=(message,), daemon=body["type"] == "proxy")
        thread.start()
        if not thread.daemon:
            threads.append(thread)
for thread in threads:
    thread.join()
