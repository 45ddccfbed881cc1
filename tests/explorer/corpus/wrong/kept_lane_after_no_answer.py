# corpus: who asks a peer the same thing takes turns; whose peer is silent keeps the turn
# finds: blocked
# misconception: none
# preemptions: 0
# outcome: blocked
# lines: 39
# workload: proxy-after-timeout
import json
import sys
import threading
from collections import defaultdict

node_id, next_id = None, 0
lock = threading.Lock()
turns = defaultdict(threading.Lock)
calls = {}
threads = []


class Call:
    def __init__(self):
        self.done = threading.Event()
        self.answer = None


def send(dest, body, call=None):
    global next_id
    with lock:
        number = next_id
        next_id += 1
        if call is not None:
            calls[number] = call
        print(json.dumps({"src": node_id, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)
    return number


def proxy(body):
    turn = turns[json.dumps(body["inner"])]
    turn.acquire()
    call = Call()
    number = send(body["target"], body["inner"], call)
    call.done.wait(1)
    with lock:
        calls.pop(number, None)
    if call.answer is None:
        return {"type": "error", "code": 0, "text": "no reply"}
    turn.release()
    return {"type": "proxy_ok", "result": call.answer}


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
        with lock:
            call = calls.pop(body["in_reply_to"], None)
        if call:
            call.answer = body
            call.done.set()
    else:
        threads.append(threading.Thread(target=handle, args=(message,)))
        threads[-1].start()
for thread in threads:
    thread.join()
