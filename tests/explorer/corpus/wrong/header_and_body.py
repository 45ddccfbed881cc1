# corpus: workers write straight to descriptor 1: first the head of the line, then the body
# finds: data-race
# misconception: message-in-pieces
# preemptions: 1
# outcome: torn-line
# lines: 28 29
# workload: two-echoes
import json
import os
import queue
import threading

lock = threading.Lock()
numbers = 0
name = None
jobs = queue.Queue()
calls = {}


def number():
    global numbers
    with lock:
        numbers += 1
        return numbers - 1


def put(dest, **body):
    os.write(1, b'{"src": %s, "dest": %s, "body": ' % (json.dumps(name).encode(), json.dumps(dest).encode()))
    os.write(1, json.dumps(body).encode() + b"}\n")


def work():
    for message in iter(jobs.get, None):
        src, body = message["src"], message["body"]
        if body["type"] == "echo":
            answer = {"type": "echo_ok", "echo": body["echo"]}
        elif body["type"] == "proxy":
            n, call = number(), queue.Queue()
            calls[n] = call
            put(body["target"], **{**body["inner"], "msg_id": n})
            try:
                answer = {"type": "proxy_ok", "result": call.get(timeout=1)}
            except queue.Empty:
                answer = {"type": "error", "code": 0}
        else:
            answer = {"type": "error", "code": 10}
        put(src, **answer, in_reply_to=body["msg_id"], msg_id=number())


workers = [threading.Thread(target=work) for _ in range(5)]
for worker in workers:
    worker.start()
with open(0, "rb", closefd=False) as stdin:
    for line in stdin:
        message = json.loads(line)
        body = message["body"]
        if body["type"] == "init":
            name = body["node_id"]
            put(message["src"], type="init_ok", in_reply_to=body["msg_id"], msg_id=number())
        elif "in_reply_to" in body:
            call = calls.pop(body["in_reply_to"], None)
            if call:
                call.put(body)
        else:
            jobs.put(message)
for worker in workers:
    jobs.put(None)
for worker in workers:
    worker.join()
