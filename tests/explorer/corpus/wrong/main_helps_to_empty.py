# corpus: at the end of input main helps to empty the queue: it looks, the worker takes the last item, and main waits for ever
# finds: deadlock
# misconception: none
# preemptions: 1
# outcome: hung-after-eof
# lines: 76 103
# workload: ends-early
import json
import queue
import sys
import threading
import time
from heapq import heappop, heappush


class Node:
    def __init__(self):
        self.work = queue.Queue()
        self.lock = threading.Lock()
        self.sent = 0
        self.name = None
        self.calls = {}
        self.deadlines = []
        self.more_deadlines = threading.Condition()

    def send(self, dest, body, request=None):
        with self.lock:
            number = self.sent
            self.sent += 1
            if request is not None:
                self.calls[number] = request
            print(json.dumps({"src": self.name, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)
        return number

    def reply(self, request, **body):
        self.send(request["src"], {**body, "in_reply_to": request["body"]["msg_id"]})

    def settle(self, number, **body):
        with self.lock:
            request = self.calls.pop(number, None)
        if request is not None:
            self.reply(request, **body)

    def serve(self, message):
        body = message["body"]
        match body:
            case {"in_reply_to": number}:
                self.settle(number, type="proxy_ok", result=body)
            case {"type": "echo", "echo": value}:
                self.reply(message, type="echo_ok", echo=value)
            case {"type": "proxy", "target": target, "inner": inner}:
                number = self.send(target, inner, message)
                with self.more_deadlines:
                    heappush(self.deadlines, (time.monotonic() + 1, number))
                    self.more_deadlines.notify()
            case {"type": "echo" | "proxy"}:
                self.reply(message, type="error", code=12, text="malformed")
            case _:
                self.reply(message, type="error", code=10, text="not supported")

    def clock(self):
        """A daemon: gives up on peers that are late."""
        while True:
            with self.more_deadlines:
                while not self.deadlines:
                    self.more_deadlines.wait()
                when, number = self.deadlines[0]
                left = when - time.monotonic()
                if left > 0:
                    self.more_deadlines.wait(left)
                    continue
                heappop(self.deadlines)
            self.work.put({"src": "clock", "late": number, "body": {}})

    def step(self):
        message = self.work.get()
        if "late" in message:
            self.settle(message["late"], type="error", code=0, text="timeout")
        else:
            self.serve(message)
        self.work.task_done()

    def worker(self):
        while True:
            self.step()

    def main(self):
        threading.Thread(target=self.worker, daemon=True).start()
        threading.Thread(target=self.clock, daemon=True).start()
        for line in sys.stdin:
            try:
                message = json.loads(line)
                body = message["body"]
                {"src": message["src"], "type": body.get("type")}
            except (ValueError, KeyError, TypeError, AttributeError):
                print("ignored", line, file=sys.stderr)
                continue
            if body.get("type") == "init":
                self.name = body["node_id"]
                self.reply(message, type="init_ok")
            elif "in_reply_to" in body or "msg_id" in body:
                self.work.put({"src": message["src"], "body": body})
        while not self.work.empty():
            self.step()
        self.work.join()


Node().main()
