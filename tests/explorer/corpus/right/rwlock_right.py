# corpus: a read-write lock made of one condition; echoes of all clients read the settings under it, init writes them
# finds: nothing
# suites: async-handler rpc maelstrom-echo
import json
import sys
import threading
from contextlib import contextmanager
from queue import Queue


class ReadWriteLock:
    def __init__(self):
        self._cond = threading.Condition()
        self._readers = 0
        self._writing = False

    @contextmanager
    def read(self):
        with self._cond:
            while self._writing:
                self._cond.wait()
            self._readers += 1
        try:
            yield
        finally:
            with self._cond:
                self._readers -= 1
                if not self._readers:
                    self._cond.notify_all()

    @contextmanager
    def write(self):
        with self._cond:
            while self._writing or self._readers:
                self._cond.wait()
            self._writing = True
        try:
            yield
        finally:
            with self._cond:
                self._writing = False
                self._cond.notify_all()


class Table:
    """Calls that wait. Looking is reading, entering and taking out is writing."""

    def __init__(self):
        self.rw = ReadWriteLock()
        self.calls = {}

    def enter(self, number, call):
        with self.rw.write():
            self.calls[number] = call

    def remove(self, number):
        with self.rw.write():
            self.calls.pop(number, None)

    def find(self, number):
        with self.rw.read():
            return self.calls.get(number)


class Call:
    def __init__(self):
        self.cond = threading.Condition()
        self.result = None

    def resolve(self, result):
        with self.cond:
            if self.result is None:
                self.result = result
                self.cond.notify_all()

    def get(self, seconds):
        with self.cond:
            self.cond.wait_for(lambda: self.result is not None, seconds)
            return self.result


settings = {}
settings_lock = ReadWriteLock()
table = Table()
out = threading.Lock()
number = 0


def new_number():
    global number
    with out:
        number += 1
        return number - 1


def send(dest, body):
    with settings_lock.read():
        name = settings.get("name")
    with out:
        print(json.dumps({"src": name, "dest": dest, "body": body}), flush=True)


def reply(src, body, **answer):
    send(src, dict(answer, in_reply_to=body["msg_id"], msg_id=new_number()))


def clerk(queue):
    while (item := queue.get()) is not None:
        src, body = item
        if body["type"] == "init":
            reply(src, body, type="init_ok")
        elif body["type"] == "echo" and "echo" in body:
            reply(src, body, type="echo_ok", echo=body["echo"])
        elif body["type"] in ("echo", "proxy"):
            reply(src, body, type="error", code=12, text="malformed")
        else:
            reply(src, body, type="error", code=10, text="unsupported")


def proxy(src, body):
    call, mine = Call(), new_number()
    table.enter(mine, call)
    send(body["target"], dict(body["inner"], msg_id=mine))
    result = call.get(1.0)
    table.remove(mine)
    if result is None:
        reply(src, body, type="error", code=0, text="timeout")
    else:
        reply(src, body, type="proxy_ok", result=result)


def main():
    queue = Queue()
    threading.Thread(target=clerk, args=(queue,)).start()
    for line in sys.stdin:
        try:
            message = json.loads(line)
            src, body, kind = message["src"], message["body"], message["body"]["type"]
        except (ValueError, TypeError, KeyError):
            continue
        if "in_reply_to" in body:
            if call := table.find(body["in_reply_to"]):
                call.resolve(body)
        elif kind == "proxy" and "target" in body and "inner" in body:
            threading.Thread(target=proxy, args=(src, body)).start()
        else:
            if kind == "init":
                with settings_lock.write():
                    settings["name"] = body["node_id"]
            queue.put((src, body))
    queue.put(None)


main()
