# corpus: a semaphore keeps at most eight echoes at work, the proxies run free; one lock for the rest
# finds: nothing
# suites: rpc maelstrom-echo
import json
import os
import queue
import threading

room = threading.BoundedSemaphore(8)
lock = threading.Lock()
numbers = 0
name = None
calls = {}


def put(dest, body, call=None):
    global numbers
    with lock:
        body["msg_id"] = numbers
        numbers += 1
        if call is not None:
            calls[body["msg_id"]] = call
        data = memoryview(json.dumps({"src": name, "dest": dest, "body": body}).encode() + b"\n")
        while data:
            data = data[os.write(1, data):]


def echo(src, body):
    try:
        put(src, {"type": "echo_ok", "echo": body["echo"], "in_reply_to": body["msg_id"]})
    finally:
        room.release()


def proxy(src, body):
    call = queue.SimpleQueue()
    put(body["target"], dict(body["inner"]), call)
    try:
        put(src, {"type": "proxy_ok", "result": call.get(timeout=1), "in_reply_to": body["msg_id"]})
    except queue.Empty:
        put(src, {"type": "error", "code": 0, "text": "silent", "in_reply_to": body["msg_id"]})


with open(0, "rb", closefd=False) as stdin:
    for line in stdin:
        message = json.loads(line)
        src, body = message["src"], message["body"]
        if body["type"] == "init":
            name = body["node_id"]
            put(src, {"type": "init_ok", "in_reply_to": body["msg_id"]})
        elif "in_reply_to" in body:
            with lock:
                call = calls.pop(body["in_reply_to"], None)
            if call:
                call.put(body)
        elif body["type"] == "echo":
            room.acquire()
            threading.Thread(target=echo, args=(src, body)).start()
        elif body["type"] == "proxy":
            threading.Thread(target=proxy, args=(src, body)).start()
        else:
            put(src, {"type": "error", "code": 10, "in_reply_to": body["msg_id"]})
