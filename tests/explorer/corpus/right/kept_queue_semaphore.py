# corpus: a semaphore is a queue of tokens, a mutex is a queue with one token, which carries what it guards
# finds: nothing
# suites: async-handler rpc maelstrom-echo
import json
import os
import queue
import sys
import threading

tokens = queue.Queue()  # at most 4 handlers that don't wait at the same time
for _ in range(4):
    tokens.put(None)

pen = queue.Queue(maxsize=1)  # whoever has taken it may write; it carries the next number and the calls
pen.put((0, {}))

name = "?"


def write(dest, body, mailbox=None):
    number, calls = pen.get()
    try:
        if mailbox is not None:
            calls[number] = mailbox
        line = json.dumps({"src": name, "dest": dest, "body": {**body, "msg_id": number}}).encode() + b"\n"
        while line:
            line = line[os.write(1, line):]
    finally:
        pen.put((number + 1, calls))
    return number


def take_call(number):
    n, calls = pen.get()
    try:
        return calls.pop(number, None)
    finally:
        pen.put((n, calls))


def handle(src, body, mine, next_one):
    kind = body["type"]
    if kind == "echo" and "echo" in body:
        reply = {"type": "echo_ok", "echo": body["echo"]}
    else:
        reply = {"type": "error", "code": 12 if kind in ("echo", "proxy") else 10, "text": "no"}
    reply["in_reply_to"] = body["msg_id"]
    if mine is not None:
        mine.get()
    write(src, reply)
    next_one.put(None)
    tokens.put(None)


def proxy(src, body):
    mailbox = queue.SimpleQueue()
    number = write(body["target"], body["inner"], mailbox)
    try:
        result = mailbox.get(timeout=1.0)
    except queue.Empty:
        if take_call(number) is None:
            result = mailbox.get()  # somebody has taken it to put the reply into our box
        else:
            result = None
    if result is None:
        reply = {"type": "error", "code": 0, "text": "timeout"}
    else:
        reply = {"type": "proxy_ok", "result": result}
    write(src, {**reply, "in_reply_to": body["msg_id"]})


def main():
    global name
    before = None
    for line in sys.stdin.buffer:
        try:
            message = json.loads(line)
            src, body = message["src"], message["body"]
            kind = body["type"]
        except (ValueError, TypeError, KeyError):
            continue
        if "in_reply_to" in body:
            mailbox = take_call(body["in_reply_to"])
            if mailbox is not None:
                mailbox.put(body)
        elif kind == "init":
            name = body["node_id"]
            write(src, {"type": "init_ok", "in_reply_to": body["msg_id"]})
        elif kind == "proxy" and "target" in body and "inner" in body:
            threading.Thread(target=proxy, args=(src, body)).start()
        else:
            tokens.get()
            after = queue.SimpleQueue()
            threading.Thread(target=handle, args=(src, body, before, after)).start()
            before = after


main()
