# corpus: a semaphore of two permits where a lock is needed: two handlers are let in at once
# finds: data-race
# misconception: none
# preemptions: 1
# outcome: duplicate-msg-id
# lines: 22 23
# workload: two-echoes
import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

gate = threading.Semaphore(2)
stdout = threading.Lock()
node_id, sent = None, 0
calls = {}


def next_id():
    global sent
    with gate:
        sent += 1
        return sent


def write(dest, body):
    with stdout:
        print(json.dumps({"src": node_id, "dest": dest, "body": body}), flush=True)


def handle(message):
    body = message["body"]
    reply = {"type": "error", "code": 10, "text": "not supported"}
    if body["type"] == "echo":
        reply = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] == "proxy":
        number = next_id()
        call = calls[number] = {"event": threading.Event()}
        write(body["target"], {**body["inner"], "msg_id": number})
        call["event"].wait(1)
        reply = {"type": "error", "code": 0, "text": "timeout"}
        if "reply" in call:
            reply = {"type": "proxy_ok", "result": call["reply"]}
    write(message["src"], {**reply, "msg_id": next_id(), "in_reply_to": body["msg_id"]})


with ThreadPoolExecutor(max_workers=40) as pool:
    for line in sys.stdin:
        message = json.loads(line)
        if message["body"]["type"] == "init":
            node_id = message["body"]["node_id"]
            write(message["src"], {"type": "init_ok", "msg_id": 0, "in_reply_to": message["body"]["msg_id"]})
        elif "in_reply_to" in message["body"]:
            call = calls.pop(message["body"]["in_reply_to"], None)
            if call:
                call["reply"] = message["body"]
                call["event"].set()
        else:
            pool.submit(handle, message)
