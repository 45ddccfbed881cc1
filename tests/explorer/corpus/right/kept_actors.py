# corpus: message passing only: the reader, the router, the clock and the scribe share nothing but queues; each owns its own state
# finds: nothing
# suites: async-handler rpc maelstrom-echo
import json
import sys
import threading
import time
from collections import deque
from queue import Empty, SimpleQueue

END = object()


class Actor:
    def __init__(self):
        self.inbox = SimpleQueue()
        self.thread = threading.Thread(target=self.live, name=type(self).__name__)

    def tell(self, *letter):
        self.inbox.put(letter)

    def live(self):
        while (letter := self.inbox.get())[0] is not END:
            getattr(self, letter[0])(*letter[1:])


class Scribe(Actor):
    def line(self, message):
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


class Clock(Actor):
    """Tells the router when a second has passed; all alarms are equally long, so a deque will do."""

    def __init__(self, router):
        super().__init__()
        self.router = router

    def live(self):
        alarms = deque()
        while True:
            try:
                if alarms:
                    letter = self.inbox.get(timeout=max(0, alarms[0][0] - time.monotonic()))
                else:
                    letter = self.inbox.get()
            except Empty:
                self.router.tell("late", alarms.popleft()[1])
                continue
            if letter[0] is END:
                return
            alarms.append((time.monotonic() + 1.0, letter[0]))


class Router(Actor):
    def __init__(self):
        super().__init__()
        self.scribe, self.clock = Scribe(), Clock(self)
        self.name, self.number, self.calls, self.over = None, 0, {}, False

    def start(self):
        for actor in (self, self.scribe, self.clock):
            actor.thread.start()

    def live(self):
        while not (self.over and not self.calls):
            letter = self.inbox.get()
            getattr(self, letter[0])(*letter[1:])
        self.clock.tell(END)
        self.scribe.tell(END)

    def say(self, dest, body):
        self.scribe.tell("line", {"src": self.name, "dest": dest, "body": {**body, "msg_id": self.number}})
        self.number += 1
        return self.number - 1

    def message(self, src, body):
        kind = body["type"]
        if "in_reply_to" in body:
            client = self.calls.pop(body["in_reply_to"], None)
            if client:
                self.say(client[0], {"type": "proxy_ok", "result": body, "in_reply_to": client[1]})
            return
        if kind == "proxy" and "target" in body and "inner" in body:
            number = self.say(body["target"], body["inner"])
            self.calls[number] = src, body["msg_id"]
            self.clock.tell(number)
            return
        if kind == "init":
            self.name = body["node_id"]
            reply = {"type": "init_ok"}
        elif kind == "echo" and "echo" in body:
            reply = {"type": "echo_ok", "echo": body["echo"]}
        else:
            reply = {"type": "error", "code": 12 if kind in ("echo", "proxy") else 10, "text": "no"}
        self.say(src, {**reply, "in_reply_to": body["msg_id"]})

    def late(self, number):
        client = self.calls.pop(number, None)
        if client:
            self.say(client[0], {"type": "error", "code": 0, "text": "timeout", "in_reply_to": client[1]})

    def end(self):
        self.over = True


def main():
    router = Router()
    router.start()
    for line in sys.stdin:
        try:
            message = json.loads(line)
            src, body = message["src"], message["body"]
            body["type"]
        except (ValueError, TypeError, KeyError):
            continue
        router.tell("message", src, body)
    router.tell("end")


main()
