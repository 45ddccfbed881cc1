# corpus: dict.setdefault decides who answers, the timer or the reply; deque.append is the only way to the writer, whose bell is silenced before it looks
# finds: nothing
# suites: async-handler rpc maelstrom-echo
import itertools
import json
import sys
from collections import deque
from threading import Event, Thread, Timer

outbox = deque()
bell = Event()
ids = itertools.count()
clients = {}
winners = {}
node = {"id": None}


def post(dest, body):
    outbox.append(json.dumps({"src": node["id"], "dest": dest, "body": body}) + "\n")
    bell.set()


def writer():
    while True:
        bell.wait()
        bell.clear()
        while outbox:
            line = outbox.popleft()
            if line is None:
                return
            sys.stdout.write(line)
            sys.stdout.flush()


def settle(number, body):
    """The first one who comes answers the client, and no other."""
    token = object()
    if winners.setdefault(number, token) is token:
        src, msg_id = clients[number]
        post(src, {**body, "in_reply_to": msg_id, "msg_id": next(ids)})


def give_up(number):
    settle(number, {"type": "error", "code": 0, "text": "timeout"})


def main():
    thread = Thread(target=writer)
    thread.start()
    timers = {}
    for line in sys.stdin:
        try:
            message = json.loads(line)
            src, body = message["src"], message["body"]
            kind = body["type"]
        except (ValueError, TypeError, KeyError):
            continue
        if "in_reply_to" in body:
            number = body["in_reply_to"]
            if number in clients:
                settle(number, {"type": "proxy_ok", "result": body})
                timers[number].cancel()
            continue
        if kind == "proxy" and "target" in body and "inner" in body:
            number = next(ids)
            clients[number] = src, body["msg_id"]
            post(body["target"], {**body["inner"], "msg_id": number})
            timers[number] = Timer(1.0, give_up, [number])
            timers[number].start()
            continue
        if kind == "init":
            node["id"] = body["node_id"]
            reply = {"type": "init_ok"}
        elif kind == "echo" and "echo" in body:
            reply = {"type": "echo_ok", "echo": body["echo"]}
        else:
            reply = {"type": "error", "code": 12 if kind in ("echo", "proxy") else 10, "text": "no"}
        post(src, {**reply, "in_reply_to": body["msg_id"], "msg_id": next(ids)})
    for timer in timers.values():
        timer.join()
    outbox.append(None)
    bell.set()
    thread.join()


main()
