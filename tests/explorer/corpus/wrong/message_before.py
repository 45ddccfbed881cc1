# corpus: two workers deal out numbers in two steps; each remembers the message before, so as not to answer one twice
# finds: data-race
# misconception: nobody-comes-between
# preemptions: 1
# outcome: duplicate-msg-id
# lines: 28 29
# workload: two-echoes
import json
import sys
from queue import Empty, SimpleQueue
from threading import Lock, Thread

jobs = SimpleQueue()
stdout = Lock()
table = Lock()
waiting = {}
next_id = 0
node_id = None


def write(dest, body):
    with stdout:
        print(json.dumps({"src": node_id, "dest": dest, "body": body}), flush=True)


def number():
    global next_id
    mine = next_id
    next_id = mine + 1
    return mine


def proxy(body):
    box = SimpleQueue()
    mid = number()
    with table:
        waiting[mid] = box
    write(body["target"], {**body["inner"], "msg_id": mid})
    try:
        return {"type": "proxy_ok", "result": box.get(timeout=1.0)}
    except Empty:
        return {"type": "error", "code": 0, "text": "timeout"}


def answer(src, body, result):
    write(src, {**result, "in_reply_to": body["msg_id"], "msg_id": number()})


def proxied(src, body):
    answer(src, body, proxy(body))


def work():
    before = None
    while (message := jobs.get()) is not None:
        if message == before:
            continue
        src, body = message["src"], message["body"]
        kind = body["type"]
        if kind == "init":
            result = {"type": "init_ok"}
        elif kind == "echo" and "echo" in body:
            result = {"type": "echo_ok", "echo": body["echo"]}
        elif kind in ("echo", "proxy"):
            result = {"type": "error", "code": 12, "text": "a field is missing"}
        else:
            result = {"type": "error", "code": 10, "text": "not supported"}
        mine = number()
        write(src, {**result, "in_reply_to": body["msg_id"], "msg_id": mine})
        before = message


def main():
    global node_id
    threads = [Thread(target=work), Thread(target=work)]
    for thread in threads:
        thread.start()
    for line in sys.stdin:
        try:
            message = json.loads(line)
            src, body = message["src"], message["body"]
            kind = body["type"]
        except (ValueError, TypeError, KeyError):
            continue
        if "in_reply_to" in body:
            with table:
                box = waiting.pop(body["in_reply_to"], None)
            if box is not None:
                box.put(body)
        elif kind == "proxy" and "target" in body and "inner" in body:
            threads.append(Thread(target=proxied, args=(src, body)))
            threads[-1].start()
        else:
            if kind == "init":
                node_id = body["node_id"]
            jobs.put(message)
    jobs.put(None)
    jobs.put(None)
    for thread in threads:
        thread.join()


main()
