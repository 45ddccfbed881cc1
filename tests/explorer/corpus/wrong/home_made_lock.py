# corpus: a lock of the learner's own: wait until the flag is down, then raise it; two may see it down
# finds: data-race
# misconception: check-then-act
# preemptions: 2
# outcome: duplicate-msg-id
# lines: 23 25
# workload: two-echoes
import json
import sys
import threading
import time
from queue import Empty, Queue

busy = False
last = 0
node_id = None
inboxes = {}
stdout = threading.Lock()


def new_id():
    global busy, last
    while busy:
        time.sleep(0.001)
    busy = True
    number = last + 1
    last = number
    busy = False
    return number


def say(dest, body):
    with stdout:
        print(json.dumps({"src": node_id, "dest": dest, "body": body}), flush=True)


def handle(message):
    body = message["body"]
    answer = {"type": "error", "code": 10, "text": "not supported"}
    if body["type"] == "echo":
        answer = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] == "proxy":
        number, inbox = new_id(), Queue()
        inboxes[number] = inbox
        say(body["target"], {**body["inner"], "msg_id": number})
        try:
            answer = {"type": "proxy_ok", "result": inbox.get(timeout=1)}
        except Empty:
            answer = {"type": "error", "code": 0, "text": "timeout"}
        inboxes.pop(number, None)
    say(message["src"], {**answer, "msg_id": new_id(), "in_reply_to": body["msg_id"]})


for line in sys.stdin:
    message = json.loads(line)
    if message["body"]["type"] == "init":
        node_id = message["body"]["node_id"]
        body = {"type": "init_ok", "msg_id": new_id(), "in_reply_to": message["body"]["msg_id"]}
        say(message["src"], body)
    elif "in_reply_to" in message["body"]:
        if inbox := inboxes.get(message["body"]["in_reply_to"]):
            inbox.put(message["body"])
    else:
        threading.Thread(target=handle, args=(message,)).start()
