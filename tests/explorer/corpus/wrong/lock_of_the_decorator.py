# corpus: handlers are registered by a decorator that makes a lock for each: echo and proxy hold two, and share the counter
# finds: data-race
# misconception: two-locks-for-one-datum
# preemptions: 1
# outcome: duplicate-msg-id
# lines: 39 40
# workload: error-and-echo
import functools
import json
import sys
import threading

HANDLERS = {}


def on(kind):
    def register(handler):
        lock = threading.Lock()

        @functools.wraps(handler)
        def locked(message, body):
            with lock:
                return handler(message, body)

        HANDLERS[kind] = locked
        return locked

    return register


class Node:
    name = None
    sent = 0
    calls = {}
    out = threading.Lock()


def number():
    Node.sent += 1
    return Node.sent


def write(dest, body, msg_id):
    with Node.out:
        sys.stdout.write(json.dumps({"src": Node.name, "dest": dest, "body": {**body, "msg_id": msg_id}}) + "\n")
        sys.stdout.flush()


@on("init")
def init(message, body):
    Node.name = body["node_id"]
    write(message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"]}, number())


@on("echo")
def echo(message, body):
    write(message["src"], {"type": "echo_ok", "echo": body["echo"], "in_reply_to": body["msg_id"]}, number())


@on("?")
def unknown(message, body):
    error = {"type": "error", "code": 10, "text": "not supported"}
    write(message["src"], {**error, "in_reply_to": body["msg_id"]}, number())


def proxy(message, body):
    msg_id, came, letter = number(), threading.Event(), []
    Node.calls[msg_id] = came, letter
    write(body["target"], body["inner"], msg_id)
    answer = {"type": "error", "code": 0, "text": "no reply"}
    if came.wait(1):
        answer = {"type": "proxy_ok", "result": letter[0]}
    write(message["src"], {**answer, "in_reply_to": body["msg_id"]}, number())


HANDLERS["proxy"] = proxy
threads = []
for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if "in_reply_to" in body:
        came, letter = Node.calls.get(body["in_reply_to"], (threading.Event(), []))
        letter.append(body)
        came.set()
        continue
    handler = HANDLERS.get(body["type"], unknown)
    if handler is init:
        handler(message, body)
    else:
        threads.append(threading.Thread(target=handler, args=(message, body)))
        threads[-1].start()
for thread in threads:
    thread.join()
