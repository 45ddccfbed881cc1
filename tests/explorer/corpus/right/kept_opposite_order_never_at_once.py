# corpus: two locks in opposite order, but a third one is always held around both: they can't meet
# finds: nothing
# suites: rpc maelstrom-echo
import json
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late

gate, table_lock, out_lock = threading.Lock(), threading.Lock(), threading.Lock()
table = {}
sent = 0
name = None


def write(dest, body, number):
    print(json.dumps({"src": name, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)


def reply(message, body):
    global sent
    with gate, out_lock, table_lock:
        sent += 1
        write(message["src"], {**body, "in_reply_to": message["body"]["msg_id"]}, sent)


def call(target, inner):
    global sent
    future = Future()
    with gate, table_lock:
        sent += 1
        table[sent] = future
        with out_lock:
            write(target, inner, sent)
    try:
        return {"type": "proxy_ok", "result": future.result(1)}
    except Late:
        return {"type": "error", "code": 0, "text": "late"}


def handle(message):
    body = message["body"]
    if body["type"] == "echo":
        reply(message, {"type": "echo_ok", "echo": body["echo"]})
    elif body["type"] == "proxy":
        reply(message, call(body["target"], body["inner"]))
    else:
        reply(message, {"type": "error", "code": 10, "text": "not supported"})


with ThreadPoolExecutor(1200) as pool:
    for line in sys.stdin:
        message = json.loads(line)
        body = message["body"]
        if body["type"] == "init":
            name = body["node_id"]
            reply(message, {"type": "init_ok"})
        elif "in_reply_to" in body:
            with table_lock:
                future = table.pop(body["in_reply_to"], None)
            if future:
                future.set_result(body)
        else:
            pool.submit(handle, message)
