"""A right node with a condition, on which all handlers wait: slips are made from it."""

import json
import queue
import sys
import threading

node_id = None
node_ids = []
next_id = 0
lock = threading.Lock()  # guards next_id, pending and the order of outbox
arrived = threading.Condition()
replies = {}  # our msg_id -> the reply
outbox = queue.Queue()
workers = []


def writer():
    while True:
        message = outbox.get()
        if message is None:
            return
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


def send(dest, body):
    global next_id
    with lock:
        number = next_id
        next_id += 1
        outbox.put({"src": node_id, "dest": dest, "body": dict(body, msg_id=number)})
    return number


def reply(request, body):
    send(request["src"], dict(body, in_reply_to=request["body"]["msg_id"]))


def error(request, code, text):
    reply(request, {"type": "error", "code": code, "text": text})


def proxy(request):
    body = request["body"]
    number = send(body["target"], body["inner"])
    with arrived:
        arrived.wait_for(lambda: number in replies, timeout=1.0)
        answer = replies.pop(number, None)
    if answer is None:
        error(request, 0, "timeout")
    else:
        reply(request, {"type": "proxy_ok", "result": answer})


def handle(message):
    global node_id, node_ids
    body = message["body"]
    if "in_reply_to" in body:
        with arrived:
            replies[body["in_reply_to"]] = body
            arrived.notify_all()
        return
    kind = body.get("type")
    if kind == "init":
        node_id = body["node_id"]
        node_ids = body["node_ids"]
        reply(message, {"type": "init_ok"})
    elif kind == "echo":
        if "echo" not in body:
            error(message, 12, "echo is missing")
        else:
            reply(message, {"type": "echo_ok", "echo": body["echo"]})
    elif kind == "proxy":
        if "target" not in body or "inner" not in body:
            error(message, 12, "target or inner is missing")
        else:
            t = threading.Thread(target=proxy, args=(message,))
            t.start()
            workers.append(t)
    else:
        error(message, 10, "not supported")


def parse(line):
    try:
        message = json.loads(line)
    except ValueError:
        return None
    if not isinstance(message, dict) or not isinstance(message.get("body"), dict):
        return None
    if "src" not in message:
        return None
    if "msg_id" not in message["body"] and "in_reply_to" not in message["body"]:
        return None
    return message


def main():
    w = threading.Thread(target=writer)
    w.start()
    for line in sys.stdin:
        message = parse(line)
        if message is not None:
            handle(message)
    for t in workers:
        t.join()
    outbox.put(None)
    w.join()


main()
