# corpus: replies are collected, and a timer writes them and starts the next timer; taking and clearing are under one lock
# finds: nothing
# suites: rpc maelstrom-echo
import itertools
import json
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor

ids = itertools.count()
outbox = []
boxing = threading.Lock()
calls = {}
me = None
over = threading.Event()


def post(dest, body, number=None):
    number = next(ids) if number is None else number
    with boxing:
        outbox.append({"src": me, "dest": dest, "body": {**body, "msg_id": number}})


def flush():
    with boxing:
        batch = outbox[:]
        del outbox[:]
    for message in batch:
        print(json.dumps(message))
    sys.stdout.flush()
    if not over.is_set() or outbox:
        threading.Timer(0.05, flush).start()


def handle(src, body):
    answer = {"type": "error", "code": 10, "text": "not supported"}
    if body["type"] == "echo":
        answer = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] == "proxy":
        number = next(ids)
        call = calls[number] = Future()
        post(body["target"], body["inner"], number)
        try:
            answer = {"type": "proxy_ok", "result": call.result(timeout=1)}
        except TimeoutError:
            answer = {"type": "error", "code": 0, "text": "no reply"}
    post(src, {**answer, "in_reply_to": body["msg_id"]})


flush()
with ThreadPoolExecutor() as pool:
    for line in sys.stdin:
        message = json.loads(line)
        src, body = message["src"], message["body"]
        if body["type"] == "init":
            me = body["node_id"]
            post(src, {"type": "init_ok", "in_reply_to": body["msg_id"]})
        elif "in_reply_to" in body:
            call = calls.pop(body["in_reply_to"], None)
            if call and not call.done():
                call.set_result(body)
        else:
            pool.submit(handle, src, body)
over.set()
