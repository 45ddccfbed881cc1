# corpus: a callback that takes the lock is added under the lock: if the future is done already, it is called at once, and waits for itself
# finds: deadlock
# misconception: lock-taken-twice
# preemptions: 1
# outcome: no-reply
# lines: 43 53
# workload: proxy-and-echo
import functools
import json
import sys
import threading
from queue import SimpleQueue
from concurrent.futures import CancelledError, Future, InvalidStateError, wait

lock = threading.Lock()
lines = SimpleQueue()
state = {"name": "", "next": 0, "calls": {}}


def emit(dest, body):
    """Call it with the lock."""
    number = body["msg_id"] = state["next"]
    state["next"] += 1
    lines.put(json.dumps({"src": state["name"], "dest": dest, "body": body}))
    return number


def printer():
    while True:
        line = lines.get()
        if line is None:
            return
        print(line, flush=True)


def answered(msg, number, call):
    """What becomes of a proxy when its call has come to an end."""
    try:
        body = {"type": "proxy_ok", "result": call.result()}
    except CancelledError:
        body = {"type": "error", "code": 0, "text": "timeout"}
    body["in_reply_to"] = msg["body"]["msg_id"]
    with lock:
        state["calls"].pop(number, None)
        emit(msg["src"], body)


def proxy(msg):
    call = Future()
    with lock:
        number = emit(msg["body"]["target"], dict(msg["body"]["inner"]))
        state["calls"][number] = call
    with lock:
        call.add_done_callback(functools.partial(answered, msg, number))
    if not wait([call], timeout=1).done:
        call.cancel()


def handle(msg):
    body = msg["body"]
    kind = body["type"]
    if "in_reply_to" in body:
        with lock:
            call = state["calls"].get(body["in_reply_to"])
        if call is not None:
            try:
                call.set_result(body)
            except InvalidStateError:
                pass  # too late, or twice
        return
    if kind == "proxy" and "target" in body and "inner" in body:
        proxies.append(threading.Thread(target=proxy, args=[msg]))
        proxies[-1].start()
        return
    if kind == "init":
        state["name"] = body["node_id"]
        reply = {"type": "init_ok"}
    elif kind == "echo" and "echo" in body:
        reply = {"type": "echo_ok", "echo": body["echo"]}
    elif kind in ("echo", "proxy"):
        reply = {"type": "error", "code": 12, "text": "malformed"}
    else:
        reply = {"type": "error", "code": 10, "text": "unknown"}
    reply["in_reply_to"] = body["msg_id"]
    with lock:
        emit(msg["src"], reply)


proxies = []
scribe = threading.Thread(target=printer)
scribe.start()
for text in sys.stdin:
    try:
        message = json.loads(text)
        message["src"], message["body"]["type"]
    except (ValueError, TypeError, KeyError):
        print("bad line", file=sys.stderr)
    else:
        handle(message)
for thread in proxies:
    thread.join()
lines.put(None)
