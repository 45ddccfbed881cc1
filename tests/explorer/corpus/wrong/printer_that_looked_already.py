# corpus: who finds the printer busy leaves its line to the one who prints, and that one has looked for the last time
# finds: data-race
# misconception: none
# preemptions: 1
# outcome: no-reply
# lines: 21 25 27
# workload: proxy-held
import json
import sys
import threading
from collections import deque
from itertools import count


class Printer:
    def __init__(self):
        self.lines = deque()
        self.busy = threading.Lock()

    def say(self, line):
        self.lines.append(line)
        self.help()

    def help(self):
        if self.busy.acquire(blocking=False):
            try:
                while self.lines:
                    sys.stdout.write(self.lines.popleft() + "\n")
                sys.stdout.flush()
            finally:
                self.busy.release()


class Node:
    def __init__(self):
        self.printer = Printer()
        self.ids = count()
        self.name = None
        self.gates = {}

    def send(self, number, dest, body):
        self.printer.say(json.dumps({"src": self.name, "dest": dest, "body": {**body, "msg_id": number}}))

    def reply(self, request, **body):
        self.send(next(self.ids), request["src"], {**body, "in_reply_to": request["body"]["msg_id"]})

    def serve(self, request, body):
        kind = body.get("type")
        if kind == "echo" and "echo" in body:
            self.reply(request, type="echo_ok", echo=body["echo"])
        elif kind == "proxy" and "inner" in body and "target" in body:
            number = next(self.ids)
            gate = self.gates[number] = threading.Event()
            gate.reply = None
            self.send(number, body["target"], body["inner"])
            gate.wait(1)
            if gate.reply is None:
                self.reply(request, type="error", code=0, text="timeout")
            else:
                self.reply(request, type="proxy_ok", result=gate.reply)
            del self.gates[number]
        elif kind in ("echo", "proxy"):
            self.reply(request, type="error", code=12, text="malformed")
        else:
            self.reply(request, type="error", code=10, text="unknown")

    def main(self):
        crew = []
        for line in sys.stdin:
            try:
                message = json.loads(line)
                src, body = message["src"], message["body"]
                body.get("type")
            except (ValueError, KeyError, TypeError, AttributeError):
                print("bad line", file=sys.stderr)
                continue
            if "in_reply_to" in body:
                gate = self.gates.get(body["in_reply_to"])
                if gate is not None:
                    gate.reply = body
                    gate.set()
            elif body.get("type") == "init":
                self.name = body["node_id"]
                self.reply(message, type="init_ok")
            elif "msg_id" in body:
                crew.append(threading.Thread(target=self.serve, args=(message, body)))
                crew[-1].start()
        for thread in crew:
            thread.join()
        self.printer.help()  # whatever is left


Node().main()
