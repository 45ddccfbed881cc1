# corpus: a timer and the reply race for one pop: who gets the entry answers, the other finds nothing
# finds: nothing
# suites: rpc maelstrom-echo
import json
import sys
import threading

lock = threading.Lock()
state = {"id": None, "n": 0}
open_calls = {}


def send(dest, body, request=None):
    with lock:
        number = state["n"]
        state["n"] += 1
        if request is not None:
            open_calls[number] = request
        print(json.dumps({"src": state["id"], "dest": dest, "body": {**body, "msg_id": number}}), flush=True)
    return number


def reply(request, body):
    send(request["src"], {**body, "in_reply_to": request["body"]["msg_id"]})


def close(number, body):
    request = open_calls.pop(number, None)
    if request is not None:
        reply(request, body)


def handle(message):
    body = message["body"]
    if "in_reply_to" in body:
        close(body["in_reply_to"], {"type": "proxy_ok", "result": body})
    elif body["type"] == "init":
        state["id"] = body["node_id"]
        reply(message, {"type": "init_ok"})
    elif body["type"] == "echo":
        reply(message, {"type": "echo_ok", "echo": body["echo"]})
    elif body["type"] == "proxy":
        number = send(body["target"], body["inner"], message)
        threading.Timer(1, close, (number, {"type": "error", "code": 0, "text": "no reply"})).start()
    else:
        reply(message, {"type": "error", "code": 10, "text": "not supported"})


for line in sys.stdin:
    handle(json.loads(line))
