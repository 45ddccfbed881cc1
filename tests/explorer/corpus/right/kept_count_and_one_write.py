# corpus: no lock at all: count() for the ids, one unbuffered write a line to a pipe, dict operations of one step
# finds: nothing
# suites: maelstrom-echo rpc
# note: lines stay below PIPE_BUF in these suites, so a write is whole
import json
import os
import threading
from itertools import count

fresh = count(1).__next__
pending = {}
me = ""


def emit(dest, **body):
    body.setdefault("msg_id", None)
    if body["msg_id"] is None:
        body["msg_id"] = fresh()
    os.write(1, f'{json.dumps({"src": me, "dest": dest, "body": body})}\n'.encode())


def on_proxy(src, ref, target, inner):
    number, came = fresh(), threading.Event()
    pending[number] = box = [came]
    emit(target, **{**inner, "msg_id": number})
    if came.wait(1.0):
        emit(src, type="proxy_ok", in_reply_to=ref, result=box[1])
    else:
        emit(src, type="error", in_reply_to=ref, code=0, text="timeout")


def on_line(line):
    global me
    message = json.loads(line)
    src, body = message["src"], message["body"]
    if body["type"] == "init":
        me = body["node_id"]
        emit(src, type="init_ok", in_reply_to=body["msg_id"])
    elif "in_reply_to" in body:
        box = pending.pop(body["in_reply_to"], None)
        if box:
            box.append(body)
            box[0].set()
    elif body["type"] == "echo":
        threading.Thread(target=emit, args=(src,), kwargs={"type": "echo_ok", "in_reply_to": body["msg_id"], "echo": body["echo"]}).start()
    elif body["type"] == "proxy":
        threading.Thread(target=on_proxy, args=(src, body["msg_id"], body["target"], body["inner"])).start()
    else:
        emit(src, type="error", in_reply_to=body["msg_id"], code=10)


with os.fdopen(0, "rb", buffering=0) as raw:
    rest = b""
    while chunk := raw.read(65536):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            on_line(line)
