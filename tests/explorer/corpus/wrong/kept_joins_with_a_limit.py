# corpus: at the end of input each daemon thread is joined, but only those that a snapshot knows; helpers start later
# finds: lost-at-eof
# misconception: nobody-waits-for-the-threads
# preemptions: 0
# outcome: lost-at-eof
# lines: 67 68
# workload: ends-early
import json
import os
import threading
from itertools import count

ids, name, crew, calls = count(), None, [], {}
lock = threading.Lock()


def start(work, *args):
    thread = threading.Thread(target=work, args=args, daemon=True)
    crew.append(thread)
    thread.start()


def send(dest, number, body):
    with lock:
        os.write(1, json.dumps({"src": name, "dest": dest, "body": {**body, "msg_id": number}}).encode() + b"\n")


def answer(message, body):
    send(message["src"], next(ids), {**body, "in_reply_to": message["body"]["msg_id"]})


def ask(message, number, came):
    body = {"type": "error", "code": 0, "text": "no reply"}
    if came.wait(1):
        body = {"type": "proxy_ok", "result": calls[number][1]}
    answer(message, body)


def handle(message):
    body = message["body"]
    if body["type"] == "echo":
        start(answer, message, {"type": "echo_ok", "echo": body["echo"]})
    elif body["type"] == "proxy":
        number, came = next(ids), threading.Event()
        calls[number] = [came, None]
        start(ask, message, number, came)
        send(body["target"], number, body["inner"])
    else:
        start(answer, message, {"type": "error", "code": 10, "text": "not supported"})


rest = b""
while data := os.read(0, 4096):
    *lines, rest = (rest + data).split(b"\n")
    for line in lines:
        message = json.loads(line)
        body = message["body"]
        if body["type"] == "init":
            name = body["node_id"]
            answer(message, {"type": "init_ok"})
        elif "in_reply_to" in body:
            if body["in_reply_to"] in calls:
                calls[body["in_reply_to"]][1] = body
                calls[body["in_reply_to"]][0].set()
        else:
            start(handle, message)
for thread in list(crew):
    thread.join()
