# corpus: the table of calls holds them weakly: a call lives for as long as its handler waits, and then it is gone from the table by itself
# finds: nothing
# suites: async-handler rpc maelstrom-echo
import json
import sys
import threading
import weakref


class Call:
    def __init__(self):
        self._cond = threading.Condition()
        self._reply = None

    def reply(self, body):
        with self._cond:
            self._reply = body
            self._cond.notify()

    def wait(self, seconds):
        with self._cond:
            self._cond.wait_for(lambda: self._reply is not None, timeout=seconds)
            return self._reply


class Node:
    def __init__(self):
        self.name = None
        self.lock = threading.Lock()
        self.calls = weakref.WeakValueDictionary()
        self.count = 0

    def send(self, dest, body, call=None):
        with self.lock:
            if call is not None:
                self.calls[self.count] = call
            line = json.dumps({"src": self.name, "dest": dest, "body": {**body, "msg_id": self.count}})
            self.count += 1
            sys.stdout.write(line + "\n")
            sys.stdout.flush()

    def answer(self, src, body, **reply):
        self.send(src, {**reply, "in_reply_to": body["msg_id"]})

    def proxy(self, src, body):
        call = Call()
        self.send(body["target"], body["inner"], call)
        result = call.wait(1.0)
        if result is None:
            self.answer(src, body, type="error", code=0, text="timeout")
        else:
            self.answer(src, body, type="proxy_ok", result=result)

    def take(self, src, body):
        kind = body["type"]
        if "in_reply_to" in body:
            with self.lock:
                call = self.calls.get(body["in_reply_to"])
            if call is not None:  # and as long as we hold it, it stays
                call.reply(body)
        elif kind == "proxy" and "target" in body and "inner" in body:
            threading.Thread(target=self.proxy, args=(src, body)).start()
        elif kind == "init":
            self.name = body["node_id"]
            self.answer(src, body, type="init_ok")
        elif kind == "echo" and "echo" in body:
            self.answer(src, body, type="echo_ok", echo=body["echo"])
        else:
            self.answer(src, body, type="error", code=12 if kind in ("echo", "proxy") else 10, text="no")


def main():
    node = Node()
    for line in sys.stdin:
        try:
            message = json.loads(line)
            src, body = message["src"], message["body"]
            body["type"]
        except (ValueError, TypeError, KeyError):
            continue
        node.take(src, body)


main()
