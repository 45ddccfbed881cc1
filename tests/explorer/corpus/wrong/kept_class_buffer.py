# corpus: the form that a reply is filled into is an attribute of the class, so all handlers fill in the same one
# finds: data-race
# misconception: reply-in-a-shared-variable
# preemptions: 1
# outcome: duplicate-reply
# lines: 52 55
# workload: error-and-echo
import json
import sys
import threading
from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, Queue

NAME = None


class Stdout:
    lock = threading.Lock()
    count = 0
    waiting = {}

    @classmethod
    def write(cls, text, box=None):
        """`text` lacks only its number, which is put in for MSGID."""
        with cls.lock:
            number = cls.count
            cls.count += 1
            if box is not None:
                cls.waiting[number] = box
            sys.stdout.write(text[:-3] + str(number) + "}}\n")
            sys.stdout.flush()
            return number


class Handler(ABC):
    form = {}
    FORM = '{"src": %(src)s, "dest": %(dest)s, "body": {"in_reply_to": %(id)s, %(rest)s, "msg_id": 0}}'

    def __init__(self, src, body):
        self.src, self.body = src, body

    @abstractmethod
    def result(self):
        """The fields of the reply."""

    def text(self):
        src, dest = json.dumps(NAME), json.dumps(self.src)
        request, rest = json.dumps(self.body["msg_id"]), json.dumps(self.result())[1:-1]
        form = self.form
        form["src"] = src
        form["dest"] = dest
        form["id"] = request
        form["rest"] = rest
        return self.FORM % form


class Init(Handler):
    def result(self):
        return {"type": "init_ok"}


class Echo(Handler):
    def result(self):
        return {"type": "echo_ok", "echo": self.body["echo"]}


class Malformed(Handler):
    def result(self):
        return {"type": "error", "code": 12, "text": "malformed"}


class Unknown(Handler):
    def result(self):
        return {"type": "error", "code": 10, "text": "unknown type"}


class Proxy(Handler):
    def result(self):
        box = Queue()
        body = {**self.body["inner"], "msg_id": 0}
        text = json.dumps({"src": NAME, "dest": self.body["target"], "body": body})
        number = Stdout.write(text, box)
        try:
            return {"type": "proxy_ok", "result": box.get(timeout=1.0)}
        except Empty:
            with Stdout.lock:
                Stdout.waiting.pop(number, None)
            return {"type": "error", "code": 0, "text": "timeout"}

    def run(self):
        Stdout.write(self.text())


def handler_for(src, body):
    kind = body["type"]
    if kind == "init":
        return Init(src, body)
    if kind == "echo":
        return (Echo if "echo" in body else Malformed)(src, body)
    if kind == "proxy":
        return (Proxy if "target" in body and "inner" in body else Malformed)(src, body)
    return Unknown(src, body)


def in_order(line):
    while True:
        future = line.get()
        if future is None:
            return
        Stdout.write(future.result())


def main():
    global NAME
    line = Queue()
    pool = ThreadPoolExecutor(2)
    writer = threading.Thread(target=in_order, args=[line])
    writer.start()
    for raw in sys.stdin:
        try:
            msg = json.loads(raw)
            src, body = msg["src"], msg["body"]
            body["type"]
        except (ValueError, TypeError, KeyError):
            continue
        if "in_reply_to" in body:
            with Stdout.lock:
                box = Stdout.waiting.pop(body["in_reply_to"], None)
            if box:
                box.put(body)
            continue
        handler = handler_for(src, body)
        if isinstance(handler, Init):
            NAME = body["node_id"]
        if isinstance(handler, Proxy):
            threading.Thread(target=handler.run).start()
        else:
            line.put(pool.submit(handler.text))
    line.put(None)
    writer.join()
    pool.shutdown()


if __name__ == "__main__":
    main()
