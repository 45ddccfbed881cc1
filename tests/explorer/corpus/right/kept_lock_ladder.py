# corpus: four locks, often two or three at once, always taken from the lowest rung to the highest
# finds: nothing
# suites: async-handler rpc maelstrom-echo
import contextlib
import itertools
import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

rungs = itertools.count()


class Rung:
    def __init__(self):
        self.rank = next(rungs)
        self.lock = threading.Lock()


@contextlib.contextmanager
def holding(*wanted):
    with contextlib.ExitStack() as stack:
        for rung in sorted(wanted, key=lambda r: r.rank):
            stack.enter_context(rung.lock)
        yield


ORDER, CALLS, NUMBERS, STDOUT = Rung(), Rung(), Rung(), Rung()
name = None
number = 0
calls = {}
queue = []  # guarded by ORDER: replies to be, in the order of asking
pool = ThreadPoolExecutor(4)


def say(dest, body, call=None):
    """With NUMBERS and STDOUT, and with CALLS if there is a call."""
    global number
    mine, number = number, number + 1
    if call is not None:
        calls[mine] = call
    sys.stdout.write(json.dumps({"src": name, "dest": dest, "body": {**body, "msg_id": mine}}) + "\n")
    sys.stdout.flush()
    return mine


def serve():
    """Whichever worker comes first serves the first in the queue."""
    with holding(STDOUT, ORDER, NUMBERS):
        src, body = queue.pop(0)
        kind = body["type"]
        if kind == "init":
            reply = {"type": "init_ok"}
        elif kind == "echo" and "echo" in body:
            reply = {"type": "echo_ok", "echo": body["echo"]}
        elif kind in ("echo", "proxy"):
            reply = {"type": "error", "code": 12, "text": "malformed"}
        else:
            reply = {"type": "error", "code": 10, "text": "unsupported"}
        say(src, {**reply, "in_reply_to": body["msg_id"]})


def proxy(src, body):
    call = [threading.Event(), None]
    with holding(NUMBERS, STDOUT, CALLS):
        mine = say(body["target"], body["inner"], call)
    call[0].wait(1.0)
    with holding(STDOUT, CALLS, NUMBERS):
        calls.pop(mine, None)
        if call[1] is None:
            reply = {"type": "error", "code": 0, "text": "timeout"}
        else:
            reply = {"type": "proxy_ok", "result": call[1]}
        say(src, {**reply, "in_reply_to": body["msg_id"]})


def main():
    global name
    for line in sys.stdin:
        try:
            message = json.loads(line)
            src, body = message["src"], message["body"]
            kind = body["type"]
        except (ValueError, TypeError, KeyError):
            continue
        if "in_reply_to" in body:
            with holding(CALLS):
                call = calls.pop(body["in_reply_to"], None)
                if call:
                    call[1] = body
                    call[0].set()
        elif kind == "proxy" and "target" in body and "inner" in body:
            threading.Thread(target=proxy, args=(src, body)).start()
        else:
            with holding(NUMBERS, ORDER):
                if kind == "init":
                    name = body["node_id"]
                queue.append((src, body))
            pool.submit(serve)
    pool.shutdown()


main()
