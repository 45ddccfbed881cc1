# corpus: errors are written without the lock that all other lines are written under, in two parts: text and newline
# finds: data-race
# misconception: none
# preemptions: 1
# outcome: torn-line
# lines: 25 27
# workload: error-and-echo
import itertools
import json
import os
import sys
import threading
from queue import SimpleQueue

numbers = itertools.count()
mutex = threading.Lock()
calls = {}
todo = SimpleQueue()
me = {"id": "?"}


def put(dest, body):
    body = {"msg_id": next(numbers), **body} if "msg_id" not in body else body
    text = json.dumps({"src": me["id"], "dest": dest, "body": body})
    sys.stdout.write(text)
    sys.stdout.write("\n")
    sys.stdout.flush()


def complain(msg, code, text):
    put(msg["src"], {"type": "error", "code": code, "text": text, "in_reply_to": msg["body"].get("msg_id")})


def echo_loop():
    while True:
        msg = todo.get()
        if msg is None:
            break
        with mutex:
            put(msg["src"], {"type": "echo_ok", "echo": msg["body"]["echo"], "in_reply_to": msg["body"]["msg_id"]})


def proxy(msg):
    number = next(numbers)
    box = SimpleQueue()
    calls[number] = box
    with mutex:
        put(msg["body"]["target"], {**msg["body"]["inner"], "msg_id": number})
    try:
        result = box.get(timeout=1)
    except Exception:
        calls.pop(number, None)
        with mutex:
            complain(msg, 0, "timeout")
        return
    with mutex:
        put(msg["src"], {"type": "proxy_ok", "result": result, "in_reply_to": msg["body"]["msg_id"]})


def lines():
    rest = b""
    while True:
        data = os.read(0, 1 << 16)
        if not data:
            break
        *whole, rest = (rest + data).split(b"\n")
        yield from whole
    if rest:
        yield rest


threading.Thread(target=echo_loop).start()
for line in lines():
    try:
        msg = json.loads(line)
        src, body, kind = msg["src"], msg["body"], msg["body"]["type"]
    except Exception as e:
        if line.strip():
            print(repr(e), file=sys.stderr)
        continue
    if "in_reply_to" in body:
        box = calls.pop(body["in_reply_to"], None)
        if box is not None:
            box.put(body)
    elif kind == "init":
        me["id"] = body["node_id"]
        with mutex:
            put(src, {"type": "init_ok", "in_reply_to": body["msg_id"]})
    elif kind == "echo" and "echo" in body:
        todo.put(msg)
    elif kind == "proxy" and {"target", "inner"} <= body.keys():
        threading.Thread(target=proxy, args=(msg,)).start()
    else:
        code = 12 if kind in ("echo", "proxy") else 10
        threading.Thread(target=complain, args=(msg, code, "can't do " + str(kind))).start()
todo.put(None)
