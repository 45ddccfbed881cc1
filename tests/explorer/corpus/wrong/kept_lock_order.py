# corpus: a proxy takes the state lock, then the output lock; an answer takes them the other way round
# finds: deadlock
# misconception: opposite-lock-order
# preemptions: 1
# outcome: no-reply
# lines: 45 46 54 59
# workload: proxy-and-echo
import json
import sys
import threading
from queue import SimpleQueue


class State:
    def __init__(self):
        self.lock = threading.Lock()
        self.next_id = 0
        self.pending = {}
        self.name = None


class Output:
    """Lines are queued in the order of their numbers; a thread writes them."""

    def __init__(self):
        self.lock = threading.Lock()
        self.queue = SimpleQueue()
        self.thread = threading.Thread(target=self.pump)

    def pump(self):
        while True:
            item = self.queue.get()
            if item is None:
                return
            sys.stdout.write(json.dumps(item) + "\n")
            sys.stdout.flush()


state, output = State(), Output()
echoes = SimpleQueue()


def answer(msg, body):
    body["in_reply_to"] = msg["body"]["msg_id"]
    with output.lock:
        with state.lock:
            body["msg_id"] = state.next_id
            state.next_id += 1
        output.queue.put({"src": state.name, "dest": msg["src"], "body": body})


def proxy(msg):
    got = SimpleQueue()
    with state.lock:
        number = state.next_id
        state.next_id += 1
        state.pending[number] = got
        inner = dict(msg["body"]["inner"], msg_id=number)
        with output.lock:
            output.queue.put({"src": state.name, "dest": msg["body"]["target"], "body": inner})
    try:
        body = {"type": "proxy_ok", "result": got.get(timeout=1.0)}
    except Exception:
        with state.lock:
            state.pending.pop(number, None)
        body = {"type": "error", "code": 0, "text": "timeout"}
    answer(msg, body)


def echo_thread():
    while (msg := echoes.get()) is not None:
        body = msg["body"]
        if body["type"] == "echo" and "echo" in body:
            answer(msg, {"type": "echo_ok", "echo": body["echo"]})
        else:
            known = body["type"] in ("echo", "proxy")
            answer(msg, {"type": "error", "code": 12 if known else 10, "text": "no"})


def main():
    output.thread.start()
    echoer = threading.Thread(target=echo_thread)
    echoer.start()
    proxies = []
    while line := sys.stdin.readline():
        try:
            msg = json.loads(line)
            src, body = msg["src"], msg["body"]
            kind = body["type"]
        except (ValueError, TypeError, KeyError) as e:
            sys.stderr.write(f"skipped: {e}\n")
            continue
        if "in_reply_to" in body:
            with state.lock:
                box = state.pending.pop(body["in_reply_to"], None)
            if box is not None:
                box.put(body)
        elif kind == "init":
            state.name = body["node_id"]
            answer(msg, {"type": "init_ok"})
        elif kind == "proxy" and "target" in body and "inner" in body:
            t = threading.Thread(target=proxy, args=(msg,))
            t.start()
            proxies.append(t)
        else:
            echoes.put(msg)
    echoes.put(None)
    for t in [echoer, *proxies]:
        t.join()
    output.queue.put(None)
    output.thread.join()


main()
