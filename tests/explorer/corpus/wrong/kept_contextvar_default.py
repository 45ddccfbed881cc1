# corpus: the context variable's default is one dict, which every thread gets and fills in
# finds: data-race
# misconception: reply-in-a-shared-variable
# preemptions: 1
# outcome: wrong-address
# lines: 28 48 49
# workload: three-at-once
import json
import sys
import threading
from contextvars import ContextVar
from itertools import count

request = ContextVar("request", default={})
turn = ContextVar("turn")

node = {}
ids = count()
pen = threading.Condition()
now_serving = 0
tickets = 0
calls = {}


def speak(dest, body):
    """Call it with the pen in your hand."""
    body["msg_id"] = next(ids)
    print(json.dumps({"src": node.get("id"), "dest": dest, "body": body}), flush=True)
    return body["msg_id"]


def reply(src, msg_id, body):
    """Answer when all whose ticket is lower have answered."""
    global now_serving
    body["in_reply_to"] = msg_id
    with pen:
        while turn.get() != now_serving:
            pen.wait()
        speak(src, body)
        now_serving += 1
        pen.notify_all()


def handle(ticket, src, body):
    turn.set(ticket)
    slip = request.get()
    slip["src"] = src
    slip["body"] = body
    src, body = slip["src"], slip["body"]
    if body["type"] == "echo" and "echo" in body:
        reply(src, body["msg_id"], {"type": "echo_ok", "echo": body["echo"]})
    elif body["type"] in ("echo", "proxy"):
        reply(src, body["msg_id"], {"type": "error", "code": 12, "text": "malformed"})
    else:
        reply(src, body["msg_id"], {"type": "error", "code": 10, "text": "unknown"})


def proxy(src, body):
    call = [threading.Event(), None]
    with pen:
        number = speak(body["target"], dict(body["inner"]))
        calls[number] = call
    call[0].wait(1.0)
    with pen:
        calls.pop(number, None)
        if call[1] is None:
            answer = {"type": "error", "code": 0, "text": "timeout"}
        else:
            answer = {"type": "proxy_ok", "result": call[1]}
        answer["in_reply_to"] = body["msg_id"]
        speak(src, answer)


for line in sys.stdin:
    try:
        msg = json.loads(line)
        src, body = msg["src"], msg["body"]
        kind = body["type"]
    except (ValueError, TypeError, KeyError):
        continue
    if "in_reply_to" in body:
        with pen:
            call = calls.pop(body["in_reply_to"], None)
            if call:
                call[1] = body
                call[0].set()
    elif kind == "init":
        node["id"] = body["node_id"]
        with pen:
            speak(src, {"type": "init_ok", "in_reply_to": body["msg_id"]})
    elif kind == "proxy" and "target" in body and "inner" in body:
        threading.Thread(target=proxy, args=(src, body)).start()
    else:
        threading.Thread(target=handle, args=(tickets, src, body)).start()
        tickets += 1
