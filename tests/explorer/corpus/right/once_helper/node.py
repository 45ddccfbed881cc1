# corpus: the counter, the lock of stdout and the thread for echoes are made when first needed, by double-checked initialisation done right
# finds: nothing
# suites: async-handler rpc maelstrom-echo
import itertools
import json
import queue
import sys
import threading

from once import Once

counter = Once(itertools.count)
stdout_lock = Once(threading.Lock)
calls = Once(dict)
node = {}


def start_clerk():
    inbox = queue.SimpleQueue()
    threading.Thread(target=clerk, args=(inbox,)).start()
    return inbox


clerks_inbox = Once(start_clerk)


def emit(dest, body, call=None):
    with stdout_lock():
        number = next(counter())
        if call is not None:
            calls()[number] = call
        sys.stdout.write(json.dumps({"src": node["id"], "dest": dest, "body": {**body, "msg_id": number}}))
        sys.stdout.write("\n")
        sys.stdout.flush()
    return number


def clerk(inbox):
    while (item := inbox.get()) is not None:
        src, body = item
        if body["type"] == "init":
            reply = {"type": "init_ok"}
        elif body["type"] == "echo" and "echo" in body:
            reply = {"type": "echo_ok", "echo": body["echo"]}
        else:
            code = 12 if body["type"] in ("echo", "proxy") else 10
            reply = {"type": "error", "code": code, "text": "no"}
        emit(src, {**reply, "in_reply_to": body["msg_id"]})


def proxy(src, body):
    box = queue.SimpleQueue()
    number = emit(body["target"], body["inner"], box)
    try:
        reply = {"type": "proxy_ok", "result": box.get(timeout=1.0)}
    except queue.Empty:
        reply = {"type": "error", "code": 0, "text": "timeout"}
    with stdout_lock():
        calls().pop(number, None)
    emit(src, {**reply, "in_reply_to": body["msg_id"]})


def main():
    for line in sys.stdin:
        try:
            message = json.loads(line)
            src, body = message["src"], message["body"]
            kind = body["type"]
        except (ValueError, TypeError, KeyError):
            continue
        if "in_reply_to" in body:
            with stdout_lock():
                box = calls().pop(body["in_reply_to"], None)
            if box is not None:
                box.put(body)
        elif kind == "proxy" and "target" in body and "inner" in body:
            threading.Thread(target=proxy, args=(src, body)).start()
        else:
            if kind == "init":
                node["id"] = body["node_id"]
            clerks_inbox().put((src, body))
    clerks_inbox().put(None)


main()
