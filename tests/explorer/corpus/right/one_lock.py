# corpus: one lock for everything; each condition on it is waited for in a loop, so that a wake-up for nothing does no harm
# finds: nothing
# suites: async-handler rpc maelstrom-echo
import json
import sys
import threading
import time


class Node:
    def __init__(self):
        self.lock = threading.Lock()
        self.work = threading.Condition(self.lock)
        self.idle = threading.Condition(self.lock)
        self.todo = []
        self.busy = 0
        self.closing = False
        self.name = None
        self.number = 0
        self.calls = {}

    # all of these are called with the lock

    def say(self, dest, body):
        number = self.number
        self.number += 1
        print(json.dumps({"src": self.name, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)
        return number

    def reply(self, src, body, answer):
        self.say(src, {**answer, "in_reply_to": body["msg_id"]})

    def wait_for_reply(self, number):
        call = self.calls[number] = {"cond": threading.Condition(self.lock), "reply": None}
        end = time.monotonic() + 1.0
        while call["reply"] is None:
            left = end - time.monotonic()
            if left <= 0:
                break
            call["cond"].wait(left)
        self.calls.pop(number, None)
        return call["reply"]

    # threads

    def clerk(self):
        with self.lock:
            while True:
                while not self.todo and not self.closing:
                    self.work.wait()
                if not self.todo:
                    return
                src, body = self.todo.pop(0)
                if body["type"] == "init":
                    self.reply(src, body, {"type": "init_ok"})
                elif body["type"] == "echo" and "echo" in body:
                    self.reply(src, body, {"type": "echo_ok", "echo": body["echo"]})
                elif body["type"] in ("echo", "proxy"):
                    self.reply(src, body, {"type": "error", "code": 12, "text": "malformed"})
                else:
                    self.reply(src, body, {"type": "error", "code": 10, "text": "unsupported"})
                self.busy -= 1
                self.idle.notify_all()

    def proxy(self, src, body):
        with self.lock:
            number = self.say(body["target"], body["inner"])
            result = self.wait_for_reply(number)
            if result is None:
                self.reply(src, body, {"type": "error", "code": 0, "text": "timeout"})
            else:
                self.reply(src, body, {"type": "proxy_ok", "result": result})
            self.busy -= 1
            self.idle.notify_all()

    def take(self, src, body):
        with self.lock:
            if "in_reply_to" in body:
                call = self.calls.get(body["in_reply_to"])
                if call is not None and call["reply"] is None:
                    call["reply"] = body
                    call["cond"].notify_all()
                return
            self.busy += 1
            if not (body["type"] == "proxy" and "target" in body and "inner" in body):
                if body["type"] == "init":
                    self.name = body["node_id"]
                self.todo.append((src, body))
                self.work.notify()
                return
        threading.Thread(target=self.proxy, args=(src, body), daemon=True).start()

    def close(self):
        with self.lock:
            while self.busy:
                self.idle.wait()
            self.closing = True
            self.work.notify_all()


def main():
    node = Node()
    clerk = threading.Thread(target=node.clerk, daemon=True)
    clerk.start()
    for line in sys.stdin:
        try:
            message = json.loads(line)
            src, body = message["src"], message["body"]
            body["type"]
        except (ValueError, TypeError, KeyError):
            continue
        node.take(src, body)
    node.close()
    clerk.join()


if __name__ == "__main__":
    main()
