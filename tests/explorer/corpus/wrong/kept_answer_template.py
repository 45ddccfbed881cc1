# corpus: to save allocations one dict is filled in for every answer, and written after it has been filled
# finds: data-race
# misconception: reply-in-a-shared-variable
# preemptions: 1
# outcome: duplicate-reply
# lines: 26 27 28
# workload: error-and-echo
import json
import os
import sys
from concurrent.futures import Future, ThreadPoolExecutor, TimeoutError
from itertools import count
from threading import Lock

ids, futures, write_lock = count(), {}, Lock()
envelope = {"src": None, "dest": None, "body": None}


def write(message):
    with write_lock:
        os.write(1, json.dumps(message).encode() + b"\n")


def answer(request, body):
    body.update(msg_id=next(ids), in_reply_to=request["body"]["msg_id"])
    envelope["dest"] = request["src"]
    envelope["body"] = body
    write(envelope)


def ask(target, inner):
    number, future = next(ids), Future()
    futures[number] = future
    write({"src": envelope["src"], "dest": target, "body": {**inner, "msg_id": number}})
    try:
        return {"type": "proxy_ok", "result": future.result(timeout=1)}
    except TimeoutError:
        return {"type": "error", "code": 0, "text": "no reply"}


def serve(request):
    body = request["body"]
    if body["type"] == "proxy":
        answer(request, ask(body["target"], body["inner"]))
    elif body["type"] == "echo":
        answer(request, {"type": "echo_ok", "echo": body["echo"]})
    else:
        answer(request, {"type": "error", "code": 10, "text": "unknown"})


pool = ThreadPoolExecutor(24)
for line in sys.stdin.buffer:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        envelope["src"] = body["node_id"]
        answer(message, {"type": "init_ok"})
    elif "in_reply_to" in body:
        future = futures.pop(body["in_reply_to"], None)
        if future:
            future.set_result(body)
    else:
        pool.submit(serve, message)
pool.shutdown()
