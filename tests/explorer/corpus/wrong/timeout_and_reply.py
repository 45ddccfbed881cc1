# corpus: a timer gives up on the peer while the reader delivers its reply: both see the call still open, both answer
# finds: data-race
# misconception: check-then-act
# preemptions: 1
# outcome: duplicate-reply
# lines: 30 31
# workload: proxy-late
import json
import sys
import threading

lock = threading.Lock()
state = {"id": None, "n": 0}
open_calls = {}


def send(dest, body):
    with lock:
        body = {**body, "msg_id": state["n"]}
        state["n"] += 1
        print(json.dumps({"src": state["id"], "dest": dest, "body": body}), flush=True)
        return body["msg_id"]


def reply(request, body):
    send(request["src"], {**body, "in_reply_to": request["body"]["msg_id"]})


def close(call, body):
    if call["open"]:
        call["open"] = False
        reply(call["request"], body)


def proxy(request):
    call = {"request": request, "open": True}
    with lock:
        number = state["n"]
        state["n"] += 1
        open_calls[number] = call
        inner = {**request["body"]["inner"], "msg_id": number}
        print(json.dumps({"src": state["id"], "dest": request["body"]["target"], "body": inner}), flush=True)
    call["timer"] = threading.Timer(1, close, (call, {"type": "error", "code": 0, "text": "no reply"}))
    call["timer"].start()


def handle(message):
    body = message["body"]
    if "in_reply_to" in body:
        call = open_calls.pop(body["in_reply_to"], None)
        if call:
            close(call, {"type": "proxy_ok", "result": body})
            call["timer"].cancel()
    elif body["type"] == "init":
        state["id"] = body["node_id"]
        reply(message, {"type": "init_ok"})
    elif body["type"] == "echo":
        reply(message, {"type": "echo_ok", "echo": body["echo"]})
    elif body["type"] == "proxy":
        proxy(message)
    else:
        reply(message, {"type": "error", "code": 10, "text": "not supported"})


for line in sys.stdin:
    handle(json.loads(line))
