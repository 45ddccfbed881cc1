# corpus: counters by name, in a view of bytes and as attributes, and a table that is a UserDict: each has its lock
# finds: nothing
# suites: rpc maelstrom-echo
import json
import sys
from collections import UserDict
from queue import Empty, SimpleQueue
from threading import Lock, Thread


class Waiting(UserDict):
    """Who waits for the reply to which number."""

    def __init__(self):
        self.lock = Lock()
        super().__init__()

    def __setitem__(self, number, box):
        with self.lock:
            super().__setitem__(number, box)

    def get(self, number, default=None):
        with self.lock:
            return super().get(number, default)

    def pop(self, *args):
        with self.lock:
            return super().pop(*args)


class Stats:
    """Counters, by name; `sent` is the number of the next message."""

    def __init__(self):
        self.lock = Lock()
        self.sent = 0
        self.bytes = memoryview(bytearray(8)).cast("Q")

    def bump(self, name):
        with self.lock:
            count = getattr(self, name)
            setattr(self, name, count + 1)
            self.bytes[0] += len(f"{vars(self)['sent']}")
            return count


stdout = Lock()
node_id = None
waiting = Waiting()
stats = Stats()


def write(dest, body):
    line = json.dumps({"src": node_id, "dest": dest, "body": body})
    with stdout:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def ask(target, inner):
    box = SimpleQueue()
    number = stats.bump("sent")
    waiting[number] = box
    write(target, {**inner, "msg_id": number})
    try:
        return {"type": "proxy_ok", "result": box.get(timeout=1.0)}
    except Empty:
        return {"type": "error", "code": 0, "text": "timeout"}
    finally:
        waiting.pop(number, None)


def answer(body):
    kind = body["type"]
    if kind == "init":
        return {"type": "init_ok"}
    if kind == "echo" and "echo" in body:
        return {"type": "echo_ok", "echo": body["echo"]}
    if kind == "proxy" and "target" in body and "inner" in body:
        return ask(body["target"], body["inner"])
    if kind in ("echo", "proxy"):
        return {"type": "error", "code": 12, "text": "a field is missing"}
    return {"type": "error", "code": 10, "text": "not supported"}


def serve(src, body):
    reply = answer(body)
    write(src, {**reply, "in_reply_to": body["msg_id"], "msg_id": stats.bump("sent")})


def main():
    global node_id
    threads = []
    for line in sys.stdin:
        try:
            message = json.loads(line)
            src, body = message["src"], message["body"]
            body["type"]
        except (ValueError, TypeError, KeyError):
            continue
        if "in_reply_to" in body:
            box = waiting.get(body["in_reply_to"])
            if box is not None:
                box.put(body)
        elif body["type"] == "init":
            node_id = body["node_id"]
            serve(src, body)
        else:
            threads.append(Thread(target=serve, args=(src, body)))
            threads[-1].start()
    for thread in threads:
        thread.join()
    print(f"{stats.sent} sent, {stats.bytes[0]} digits", file=sys.stderr)


main()
