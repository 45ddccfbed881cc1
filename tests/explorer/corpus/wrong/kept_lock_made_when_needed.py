# corpus: a lock for each kind of message, made by the first handler that needs it; two of them may make two
# finds: data-race
# misconception: check-then-act
# preemptions: 2
# outcome: duplicate-msg-id
# lines: 20 21
# workload: two-echoes
import json
import os
import sys
import threading

locks = {}
counts = {"reply": 0, "call": 1}  # even numbers for replies, odd ones for calls
table = {}
name = None


def next_number(kind):
    if kind not in locks:
        locks[kind] = threading.Lock()
    with locks[kind]:
        number = counts[kind]
        counts[kind] = number + 2
    return number


def send(dest, number, body):
    os.write(1, (json.dumps({"src": name, "dest": dest, "body": {**body, "msg_id": number}}) + "\n").encode())


def handle(message):
    body = message["body"]
    if body["type"] == "echo":
        answer = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] == "proxy":
        number, came = next_number("call"), threading.Event()
        table[number] = [came, None]
        send(body["target"], number, body["inner"])
        if came.wait(1):
            answer = {"type": "proxy_ok", "result": table[number][1]}
        else:
            answer = {"type": "error", "code": 0, "text": "late"}
    else:
        answer = {"type": "error", "code": 10, "text": "unknown"}
    send(message["src"], next_number("reply"), {**answer, "in_reply_to": body["msg_id"]})


threads = []
for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        name = body["node_id"]
        send(message["src"], 1_000_000, {"type": "init_ok", "in_reply_to": body["msg_id"]})
    elif "in_reply_to" in body:
        if body["in_reply_to"] in table:
            table[body["in_reply_to"]][1] = body
            table[body["in_reply_to"]][0].set()
    else:
        thread = threading.Thread(target=handle, args=(message,))
        threads.append(thread)
        thread.start()
[thread.join() for thread in threads]
