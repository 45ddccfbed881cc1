# corpus: the worker finds nothing to do, and then clears the flag that somebody has just raised
# finds: deadlock
# misconception: signal-nobody-heard
# preemptions: 1
# outcome: hung-after-eof
# lines: 62 63 76
# workload: two-echoes
import json
import sys
import threading
from collections import deque
from itertools import count

inbox = deque()
raised = threading.Event()
ids = count()
calls = {}
me = None


def say(dest, number, body):
    sys.stdout.write(json.dumps({"src": me, "dest": dest, "body": {**body, "msg_id": number}}) + "\n")
    sys.stdout.flush()


def answer(src, ref, body):
    say(src, next(ids), {**body, "in_reply_to": ref})


def give_up(number):
    inbox.append({"src": None, "body": {"type": "late", "in_reply_to": number}})
    raised.set()


def receive(src, body):
    global me
    if "in_reply_to" in body:
        client, ref, timer = calls.pop(body["in_reply_to"], (None, None, None))
        if client is not None:
            timer.cancel()
            late = {"type": "error", "code": 0, "text": "no reply"}
            answer(client, ref, late if src is None else {"type": "proxy_ok", "result": body})
    elif body["type"] == "init":
        me = body["node_id"]
        answer(src, body["msg_id"], {"type": "init_ok"})
    elif body["type"] == "echo":
        answer(src, body["msg_id"], {"type": "echo_ok", "echo": body["echo"]})
    elif body["type"] == "proxy":
        number = next(ids)
        timer = threading.Timer(1, give_up, (number,))
        calls[number] = (src, body["msg_id"], timer)
        say(body["target"], number, body["inner"])
        timer.start()
    else:
        answer(src, body["msg_id"], {"type": "error", "code": 10, "text": "?"})


def actor():
    closing = False
    while not closing or calls:
        if not inbox:
            raised.clear()
            raised.wait()
        while inbox:
            message = inbox.popleft()
            if message is None:
                closing = True
            else:
                receive(message["src"], message["body"])


thread = threading.Thread(target=actor)
thread.start()
for line in sys.stdin:
    inbox.append(json.loads(line))
    raised.set()
inbox.append(None)
raised.set()
thread.join()
