# corpus: a reply that comes after the timeout is passed on all the same: error 0, then proxy_ok
# expect: duplicate-reply
# suites: rpc
import collections
import json
import sys
import threading
import time
from concurrent.futures import Future


class Clock(threading.Thread):
    """All timeouts are one second, so the oldest is always the next."""

    def __init__(self):
        super().__init__(daemon=True)
        self.line = collections.deque()
        self.some = threading.Condition()

    def add(self, future):
        with self.some:
            self.line.append((time.monotonic() + 1, future))
            self.some.notify()

    def run(self):
        while True:
            with self.some:
                while not self.line:
                    self.some.wait()
                due, future = self.line.popleft()
            time.sleep(max(0, due - time.monotonic()))
            settle(future, None)


guard = threading.RLock()
clock = Clock()
open_requests = {}
count = -1
node = None


def settle(future, value):
    with guard:
        if future.done():
            future.again(value)
        else:
            future.set_result(value)


def post(dest, body):
    global count
    with guard:
        count += 1
        print(json.dumps(dict(src=node, dest=dest, body=dict(body, msg_id=count))), flush=True)
        return count


def rpc(dest, body):
    future = Future()
    with guard:
        open_requests[post(dest, body)] = future
    clock.add(future)
    return future


def handle(src, body, ref):
    global node
    kind = body.get("type")
    if kind == "init":
        node = body["node_id"]
        post(src, {"type": "init_ok", "in_reply_to": ref})
    elif kind == "echo" and "echo" in body:
        post(src, {"type": "echo_ok", "in_reply_to": ref, "echo": body["echo"]})
    elif kind == "proxy" and "inner" in body and "target" in body:
        def done(future):
            if future.result() is None:
                post(src, {"type": "error", "in_reply_to": ref, "code": 0, "text": "timeout"})
            else:
                post(src, {"type": "proxy_ok", "in_reply_to": ref, "result": future.result()})
        future = rpc(body["target"], body["inner"])
        future.again = lambda value: value and post(src, {"type": "proxy_ok", "in_reply_to": ref, "result": value})
        future.add_done_callback(done)
    else:
        code = 12 if kind in ("echo", "proxy") else 10
        post(src, {"type": "error", "in_reply_to": ref, "code": code, "text": "malformed" if code == 12 else "unknown"})


clock.start()
everything = []
for line in sys.stdin:
    try:
        message = json.loads(line)
        sender, content = message["src"], message["body"]
        if "in_reply_to" in content:
            future = open_requests.pop(content["in_reply_to"], None)
            if future:
                settle(future, content)
        else:
            handle(sender, content, content["msg_id"])
    except Exception as error:
        sys.stderr.write(f"dropped {line!r}: {error}\n")
for future in list(open_requests.values()):
    future.result()
with guard:
    sys.stdout.flush()
