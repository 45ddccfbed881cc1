# corpus: the pool keeps the error of a handler that found its call deleted by the sweeper; nobody asks for it
# finds: data-race
# misconception: check-then-act
# preemptions: 1
# outcome: no-reply
# lines: 32 34 43
# workload: proxy-late
import itertools
import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

ids = itertools.count()
stdout = threading.Lock()
calls = {}  # msg_id -> [deadline, event, reply]
name = None


def send(dest, body, number):
    with stdout:
        sys.stdout.write(json.dumps({"src": name, "dest": dest, "body": {**body, "msg_id": number}}) + "\n")
        sys.stdout.flush()


def proxy(body):
    number, came = next(ids), threading.Event()
    calls[number] = [time.monotonic() + 1, came, None]
    send(body["target"], body["inner"], number)
    came.wait()
    if number not in calls:
        return {"type": "error", "code": 0, "text": "no reply"}
    deadline, came, reply = calls.pop(number)
    return {"type": "proxy_ok", "result": reply}


def sweep():
    while not ended.is_set() or calls:
        time.sleep(0.1)
        for number, (deadline, came, _) in list(calls.items()):
            if time.monotonic() >= deadline:
                calls.pop(number, None)
                came.set()


def handle(message):
    body = message["body"]
    answer = {"type": "error", "code": 10, "text": "not supported"}
    if body["type"] == "echo":
        answer = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] == "proxy":
        answer = proxy(body)
    send(message["src"], {**answer, "in_reply_to": body["msg_id"]}, next(ids))


ended = threading.Event()
threading.Thread(target=sweep).start()
with ThreadPoolExecutor(99) as pool:
    for line in sys.stdin:
        message = json.loads(line)
        body = message["body"]
        if body["type"] == "init":
            name = body["node_id"]
            send(message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"]}, next(ids))
        elif "in_reply_to" in body:
            call = calls.get(body["in_reply_to"])
            if call:
                call[2] = body
                call[1].set()
        else:
            pool.submit(handle, message)
    ended.set()
