# corpus: the worker clears the flag first and looks into the deque afterwards: what comes in between raises it again
# finds: nothing
# suites: rpc maelstrom-echo
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


def post(message):
    inbox.append(message)
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
        late = {"src": None, "body": {"type": "late", "in_reply_to": number}}
        timer = threading.Timer(1, post, (late,))
        calls[number] = (src, body["msg_id"], timer)
        say(body["target"], number, body["inner"])
        timer.start()
    else:
        answer(src, body["msg_id"], {"type": "error", "code": 10, "text": "?"})


def actor():
    closing = False
    while not closing or calls:
        raised.wait()
        raised.clear()
        while inbox:
            message = inbox.popleft()
            if message is None:
                closing = True
            else:
                receive(message["src"], message["body"])


thread = threading.Thread(target=actor)
thread.start()
for line in sys.stdin:
    post(json.loads(line))
post(None)
thread.join()
