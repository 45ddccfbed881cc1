# corpus: the result of acquire(timeout=0.5) is ignored: who has waited too long goes in without the permit
# finds: data-race
# misconception: none
# preemptions: 1
# outcome: duplicate-msg-id
# lines: 23 24
# workload: two-echoes
import json
import sys
import threading
from queue import Empty, SimpleQueue

gate = threading.Semaphore(1)
seq = 0
node_id = None
awaited = {}


def send(dest, body, box=None):
    global seq
    gate.acquire(timeout=0.5)  # never wait for ever
    try:
        n = seq
        seq = n + 1
        if box:
            awaited[n] = box
        sys.stdout.write(json.dumps({"src": node_id, "dest": dest, "body": {**body, "msg_id": n}}) + "\n")
        sys.stdout.flush()
        return n
    finally:
        gate.release()


def answer(req, body):
    send(req["src"], {**body, "in_reply_to": req["body"]["msg_id"]})


def echo(req):
    answer(req, {"type": "echo_ok", "echo": req["body"]["echo"]})


def proxy(req):
    box = SimpleQueue()
    body = req["body"]
    n = send(body["target"], {**body["inner"]}, box)
    try:
        answer(req, {"type": "proxy_ok", "result": box.get(timeout=1)})
    except Empty:
        awaited.pop(n, None)
        answer(req, {"type": "error", "code": 0, "text": "timeout"})


def run(req):
    handler = {"echo": echo, "proxy": proxy}.get(req["body"].get("type"))
    if handler is None:
        answer(req, {"type": "error", "code": 10, "text": "unsupported"})
        return
    try:
        handler(req)
    except KeyError as e:
        answer(req, {"type": "error", "code": 12, "text": f"no {e}"})


def read():
    for line in sys.stdin:
        try:
            msg = json.loads(line)
        except ValueError:
            continue
        if isinstance(msg, dict) and isinstance(msg.get("body"), dict) and isinstance(msg.get("src"), str):
            yield msg


threads = []
for msg in read():
    body = msg["body"]
    if "in_reply_to" in body:
        box = awaited.pop(body["in_reply_to"], None)
        if box:
            box.put(body)
    elif body.get("type") == "init":
        node_id = body["node_id"]
        answer(msg, {"type": "init_ok"})
    elif "msg_id" in body:
        t = threading.Thread(target=run, args=(msg,))
        t.start()
        threads.append(t)
for t in threads:
    t.join()
