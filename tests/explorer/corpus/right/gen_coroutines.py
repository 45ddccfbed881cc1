# corpus: handlers are generators that yield what they want; one loop in one thread runs them, and waits in select. No threads, no asyncio
# finds: nothing
# suites: async-handler rpc maelstrom-echo
import heapq
import json
import os
import select
import sys
import time
from collections import deque


class Say:
    def __init__(self, dest, body):
        self.dest, self.body = dest, body


class Call(Say):
    """Say it, and be woken with the reply, or with None after a second."""


class Loop:
    def __init__(self):
        self.ready = deque()  # (generator, what to send it)
        self.waiting = {}  # number -> generator
        self.alarms = []  # (when, number)
        self.number = 0
        self.name = None
        self.rest = b""
        self.open = True

    def spawn(self, generator):
        self.ready.append((generator, None))

    def step(self, generator, value):
        try:
            wish = generator.send(value)
        except StopIteration:
            return
        number = self.write(wish.dest, wish.body)
        if isinstance(wish, Call):
            self.waiting[number] = generator
            heapq.heappush(self.alarms, (time.monotonic() + 1.0, number))
        else:
            self.ready.append((generator, None))

    def write(self, dest, body):
        number = self.number
        self.number += 1
        data = json.dumps({"src": self.name, "dest": dest, "body": {**body, "msg_id": number}}).encode() + b"\n"
        while data:
            data = data[os.write(1, data):]
        return number

    def read(self):
        chunk = os.read(0, 65536)
        if chunk:
            *lines, self.rest = (self.rest + chunk).split(b"\n")
        else:
            lines, self.open = [self.rest], False
        for line in lines:
            yield line

    def take(self, line):
        try:
            message = json.loads(line)
            src, body = message["src"], message["body"]
            kind = body["type"]
        except (ValueError, TypeError, KeyError):
            return
        if "in_reply_to" in body:
            generator = self.waiting.pop(body["in_reply_to"], None)
            if generator:
                self.ready.append((generator, body))
            return
        if kind == "init":
            self.name = body["node_id"]
        self.spawn(handle(src, body))

    def run(self):
        while self.open or self.ready or self.waiting:
            while self.ready:
                self.step(*self.ready.popleft())
            while self.alarms and self.alarms[0][1] not in self.waiting:
                heapq.heappop(self.alarms)
            pause = None
            if self.alarms:
                pause = max(0.0, self.alarms[0][0] - time.monotonic())
            if self.open:
                if select.select([0], [], [], pause)[0]:
                    for line in self.read():
                        self.take(line)
            elif pause:
                time.sleep(pause)
            if self.alarms and self.alarms[0][0] <= time.monotonic():
                _, number = heapq.heappop(self.alarms)
                generator = self.waiting.pop(number, None)
                if generator:
                    self.ready.append((generator, None))


def handle(src, body):
    kind = body["type"]
    if kind == "init":
        reply = {"type": "init_ok"}
    elif kind == "echo" and "echo" in body:
        reply = {"type": "echo_ok", "echo": body["echo"]}
    elif kind == "proxy" and "target" in body and "inner" in body:
        reply = yield from rpc(body["target"], body["inner"])
    else:
        reply = {"type": "error", "code": 12 if kind in ("echo", "proxy") else 10, "text": "no"}
    yield Say(src, {**reply, "in_reply_to": body["msg_id"]})


def rpc(dest, body):
    result = yield Call(dest, body)
    if result is None:
        return {"type": "error", "code": 0, "text": "timeout"}
    return {"type": "proxy_ok", "result": result}


Loop().run()
