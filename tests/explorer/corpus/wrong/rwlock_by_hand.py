# corpus: the read-write lock counts its readers without a lock of its own: with one count lost, the gate stays shut for writers
# finds: data-race
# misconception: none
# preemptions: 1
# outcome: no-reply
# lines: 26 32 33
# workload: two-echoes
import contextlib
import itertools
import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from queue import Queue


class ReadWriteLock:
    """Many may read, or one may write."""

    def __init__(self):
        self.readers = 0
        self.gate = threading.Lock()

    @contextlib.contextmanager
    def reading(self):
        self.readers += 1
        if self.readers == 1:
            self.gate.acquire()
        try:
            yield
        finally:
            self.readers -= 1
            if self.readers == 0:
                self.gate.release()

    @contextlib.contextmanager
    def writing(self):
        with self.gate:
            yield


class Config:
    def __init__(self):
        self.rw = ReadWriteLock()
        self.values = {"node_id": None, "open": True}

    def get(self, key):
        with self.rw.reading():
            return self.values[key]

    def set(self, key, value):
        with self.rw.writing():
            self.values[key] = value


config = Config()
ids = itertools.count()
pool = ThreadPoolExecutor(3)
order = Queue()
stdout_lock = threading.Lock()
boxes = {}


def write(dest, body, src):
    with stdout_lock:
        body.setdefault("msg_id", next(ids))
        print(json.dumps({"src": src, "dest": dest, "body": body}), flush=True)


def answer(body):
    kind = body["type"]
    if kind == "init":
        reply = {"type": "init_ok"}
    elif kind == "echo" and "echo" in body:
        reply = {"type": "echo_ok", "echo": body["echo"]}
    elif kind in ("echo", "proxy"):
        reply = {"type": "error", "code": 12, "text": "malformed request"}
    else:
        reply = {"type": "error", "code": 10, "text": "not supported"}
    reply["in_reply_to"] = body["msg_id"]
    return reply, config.get("node_id")


def printer():
    while (item := order.get()) is not None:
        dest, future = item
        body, src = future.result()
        write(dest, body, src)


def proxy(client, body):
    with stdout_lock:
        number = next(ids)
        box = boxes[number] = Queue(1)
    me = config.get("node_id")
    write(body["target"], dict(body["inner"], msg_id=number), me)
    try:
        reply = {"type": "proxy_ok", "result": box.get(timeout=1.0)}
    except Exception:
        reply = {"type": "error", "code": 0, "text": "timeout"}
    with stdout_lock:
        boxes.pop(number, None)
    reply["in_reply_to"] = body["msg_id"]
    write(client, reply, me)


def main():
    threading.Thread(target=printer).start()
    proxies = []
    for line in sys.stdin:
        try:
            message = json.loads(line)
            src, body, kind = message["src"], message["body"], message["body"]["type"]
        except (ValueError, TypeError, KeyError):
            continue
        if "in_reply_to" in body:
            with stdout_lock:
                box = boxes.pop(body["in_reply_to"], None)
            if box:
                box.put(body)
        elif kind == "proxy" and "target" in body and "inner" in body:
            proxies.append(threading.Thread(target=proxy, args=(src, body)))
            proxies[-1].start()
        else:
            if kind == "init":
                config.set("node_id", body["node_id"])
            order.put((src, pool.submit(answer, body)))
    config.set("open", False)
    order.put(None)
    for thread in proxies:
        thread.join()


main()
