# corpus: executor; init and the messages after it run in the same pool, and the second worker may be quicker
# finds: data-race
# misconception: init-beside-the-rest
# preemptions: 1
# outcome: before-init
# lines: 19 34
# workload: start
import itertools
import json
import os
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from threading import Lock

ids, writing, config, calls = itertools.count(), Lock(), {"node_id": "?"}, {}


def send(dest, number, body):
    line = json.dumps({"src": config["node_id"], "dest": dest, "body": {**body, "msg_id": number}}) + "\n"
    with writing:
        os.write(1, line.encode())


def handle(line):
    message = json.loads(line)
    body = message["body"]
    if "in_reply_to" in body:
        call = calls.pop(body["in_reply_to"], None)
        if call:
            call.set_result(body)
        return
    answer = {"type": "error", "code": 10, "text": "not supported"}
    if body["type"] == "init":
        config["node_id"] = body["node_id"]
        answer = {"type": "init_ok"}
    elif body["type"] == "echo":
        answer = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] == "proxy":
        number, call = next(ids), Future()
        calls[number] = call
        send(body["target"], number, body["inner"])
        try:
            answer = {"type": "proxy_ok", "result": call.result(timeout=1)}
        except Late:
            answer = {"type": "error", "code": 0, "text": "no reply"}
    send(message["src"], next(ids), {**answer, "in_reply_to": body["msg_id"]})


with ThreadPoolExecutor(max_workers=300) as pool, os.fdopen(0, "rb") as stdin:
    while line := stdin.readline():
        pool.submit(handle, line)
