# corpus: the table of calls is never changed, but replaced by a changed copy, under a lock; it is read without one
# finds: nothing
# suites: async-handler rpc maelstrom-echo
import json
import sys
import threading
from queue import SimpleQueue
from types import MappingProxyType


class Calls:
    def __init__(self):
        self._now = MappingProxyType({})
        self._lock = threading.Lock()

    def look(self, number):
        return self._now.get(number)

    def add(self, number, call):
        with self._lock:
            self._now = MappingProxyType({**self._now, number: call})

    def claim(self, number):
        """Take it out; whoever gets it has the right to answer, and only he."""
        with self._lock:
            call = self._now.get(number)
            if call is not None:
                self._now = MappingProxyType({n: c for n, c in self._now.items() if n != number})
            return call


class Out:
    def __init__(self):
        self.lines = SimpleQueue()
        self.number = 0
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self.pump)
        self.thread.start()

    def pump(self):
        for line in iter(self.lines.get, None):
            sys.stdout.write(line)
            sys.stdout.flush()

    def new(self):
        with self.lock:
            self.number += 1
            return self.number - 1

    def say(self, src, dest, body):
        """Number it, and queue it in the order of the numbers."""
        with self.lock:
            body = {"msg_id": self.number, **body}
            if body["msg_id"] == self.number:
                self.number += 1
            self.lines.put(json.dumps({"src": src, "dest": dest, "body": body}) + "\n")


out, calls = Out(), Calls()
name = None


def give_up(number):
    if calls.claim(number) is not None:
        return True
    return False


def proxy(src, body):
    number, box = out.new(), SimpleQueue()
    calls.add(number, box)
    out.say(name, body["target"], {**body["inner"], "msg_id": number})
    timer = threading.Timer(1.0, lambda: give_up(number) and box.put(None))
    timer.daemon = True
    timer.start()
    result = box.get()
    timer.cancel()
    if result is None:
        answer = {"type": "error", "code": 0, "text": "timeout"}
    else:
        answer = {"type": "proxy_ok", "result": result}
    out.say(name, src, {**answer, "in_reply_to": body["msg_id"]})


def main():
    global name
    threads = []
    for line in sys.stdin:
        try:
            message = json.loads(line)
            src, body = message["src"], message["body"]
            kind = body["type"]
        except (ValueError, TypeError, KeyError):
            continue
        if "in_reply_to" in body:
            number = body["in_reply_to"]
            if calls.look(number) is not None:  # cheap: mostly somebody waits
                box = calls.claim(number)
                if box is not None:
                    box.put(body)
            continue
        if kind == "proxy" and "target" in body and "inner" in body:
            threads.append(threading.Thread(target=proxy, args=(src, body)))
            threads[-1].start()
            continue
        if kind == "init":
            name = body["node_id"]
            answer = {"type": "init_ok"}
        elif kind == "echo" and "echo" in body:
            answer = {"type": "echo_ok", "echo": body["echo"]}
        else:
            answer = {"type": "error", "code": 12 if kind in ("echo", "proxy") else 10, "text": "no"}
        out.say(name, src, {**answer, "in_reply_to": body["msg_id"]})
    for thread in threads:
        thread.join()
    out.lines.put(None)
    out.thread.join()


main()
