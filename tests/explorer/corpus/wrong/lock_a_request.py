# corpus: each handler makes a lock of its own and takes it: it keeps nobody out
# finds: data-race
# misconception: a-lock-a-request
# preemptions: 1
# outcome: duplicate-msg-id
# lines: 26 27
# workload: two-echoes
import json
import os
import sys
import threading

node_id = None
counter = 0
replies = {}
arrived = threading.Condition()


def write(dest, body):
    os.write(1, (json.dumps({"src": node_id, "dest": dest, "body": body}) + "\n").encode())


def take_number(lock):
    global counter
    with lock:
        number = counter
        counter = counter + 1
    return number


def handle(request):
    lock = threading.Lock()  # to be safe
    body = request["body"]
    answer = {"type": "error", "code": 10, "text": "not supported"}
    if body["type"] == "echo":
        answer = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] == "proxy":
        number = take_number(lock)
        write(body["target"], {**body["inner"], "msg_id": number})
        with arrived:
            if arrived.wait_for(lambda: number in replies, timeout=1):
                answer = {"type": "proxy_ok", "result": replies.pop(number)}
            else:
                answer = {"type": "error", "code": 0, "text": "no reply"}
    answer["in_reply_to"] = body["msg_id"]
    answer["msg_id"] = take_number(lock)
    write(request["src"], answer)


while line := sys.stdin.readline():
    message = json.loads(line)
    if message["body"]["type"] == "init":
        node_id = message["body"]["node_id"]
        handled = {"type": "init_ok", "in_reply_to": message["body"]["msg_id"]}
        write(message["src"], {**handled, "msg_id": take_number(threading.Lock())})
    elif "in_reply_to" in message["body"]:
        with arrived:
            replies[message["body"]["in_reply_to"]] = message["body"]
            arrived.notify_all()
    else:
        threading.Thread(target=handle, args=(message,)).start()
