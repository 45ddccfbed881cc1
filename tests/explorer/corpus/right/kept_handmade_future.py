# corpus: a future of our own: its latch is a lock that is let go by another thread than took it; callbacks run once, whoever comes last
# finds: nothing
# suites: async-handler rpc maelstrom-echo
import json
import sys
import threading

PENDING = object()


class Promise:
    def __init__(self):
        self._mutex = threading.Lock()
        self._latch = threading.Lock()
        self._latch.acquire()
        self._value = PENDING
        self._then = []

    def settle(self, value):
        """Take this value, unless there is one already; say whether it was taken."""
        with self._mutex:
            if self._value is not PENDING:
                return False
            self._value = value
            callbacks, self._then = self._then, None
        self._latch.release()
        for callback in callbacks:
            callback(value)
        return True

    def then(self, callback):
        with self._mutex:
            if self._value is PENDING:
                self._then.append(callback)
                return
        callback(self._value)  # it doesn't change any more

    def wait(self, seconds):
        if self._latch.acquire(timeout=seconds):
            self._latch.release()  # for whoever else waits


class Node:
    def __init__(self):
        self.name = None
        self.lock = threading.RLock()
        self.number = 0
        self.promises = {}

    def send(self, dest, body, promise=None):
        with self.lock:
            body = {**body, "msg_id": self.number}
            if promise:
                self.promises[self.number] = promise
                promise.then(lambda _, n=self.number: self.forget(n))
            self.number += 1
            print(json.dumps({"src": self.name, "dest": dest, "body": body}), flush=True)

    def forget(self, number):
        with self.lock:
            self.promises.pop(number, None)

    def proxy(self, src, body):
        promise = Promise()
        self.send(body["target"], body["inner"], promise)

        def answer(result):
            if result is None:
                reply = {"type": "error", "code": 0, "text": "timeout"}
            else:
                reply = {"type": "proxy_ok", "result": result}
            self.send(src, {**reply, "in_reply_to": body["msg_id"]})

        promise.then(answer)
        promise.wait(1.0)
        promise.settle(None)  # in vain if the reply was there first

    def take(self, src, body):
        kind = body["type"]
        if "in_reply_to" in body:
            with self.lock:
                promise = self.promises.get(body["in_reply_to"])
            if promise:
                promise.settle(body)
        elif kind == "proxy" and "target" in body and "inner" in body:
            threading.Thread(target=self.proxy, args=(src, body)).start()
        else:
            if kind == "init":
                self.name = body["node_id"]
                reply = {"type": "init_ok"}
            elif kind == "echo" and "echo" in body:
                reply = {"type": "echo_ok", "echo": body["echo"]}
            elif kind in ("echo", "proxy"):
                reply = {"type": "error", "code": 12, "text": "malformed"}
            else:
                reply = {"type": "error", "code": 10, "text": "unsupported"}
            self.send(src, {**reply, "in_reply_to": body["msg_id"]})

    def run(self):
        for line in sys.stdin:
            try:
                message = json.loads(line)
                src, body = message["src"], message["body"]
                body["type"]
            except (ValueError, TypeError, KeyError):
                continue
            self.take(src, body)


Node().run()
