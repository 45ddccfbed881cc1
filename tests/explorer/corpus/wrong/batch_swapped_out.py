# corpus: a handler appends to the batch that the flusher has swapped for a new one and written: the line is lost
# finds: data-race
# misconception: none
# preemptions: 1
# outcome: no-reply
# lines: 30 39
# workload: two-echoes
import json
import sys
import threading
from itertools import count
from queue import Empty, Queue


class Batcher(threading.Thread):
    """Writes what has been said in batches, as few writes as possible."""

    def __init__(self):
        super().__init__()
        self.batch = []
        self.wake = threading.Event()
        self.closing = False
        self.src = None
        self.ids = count()

    def encode(self, dest, body):
        return json.dumps({"src": self.src, "dest": dest, "body": body}) + "\n"

    def say(self, dest, body):
        self.batch.append(self.encode(dest, body))
        self.wake.set()

    def run(self):
        closing = False
        while not closing:
            self.wake.wait()
            self.wake.clear()
            closing = self.closing
            lines, self.batch = self.batch, []
            sys.stdout.write("".join(lines))
            sys.stdout.flush()

    def close(self):
        self.closing = True
        self.wake.set()
        self.join()


class Node:
    def __init__(self):
        self.out = Batcher()
        self.boxes = {}
        self.threads = []

    def reply(self, request, body):
        body.update(in_reply_to=request["body"]["msg_id"], msg_id=next(self.out.ids))
        self.out.say(request["src"], body)

    def echo(self, request, echo):
        self.reply(request, {"type": "echo_ok", "echo": echo})

    def proxy(self, request, target, inner):
        number = next(self.out.ids)
        box = self.boxes[number] = Queue()
        self.out.say(target, {**inner, "msg_id": number})
        try:
            result = box.get(timeout=1)
        except Empty:
            self.reply(request, {"type": "error", "code": 0, "text": "timeout"})
        else:
            self.reply(request, {"type": "proxy_ok", "result": result})
        self.boxes.pop(number)

    def serve(self, request):
        body = request["body"]
        match body:
            case {"type": "echo", "echo": value}:
                self.echo(request, value)
            case {"type": "proxy", "target": target, "inner": inner}:
                self.proxy(request, target, inner)
            case {"type": "echo" | "proxy"}:
                self.reply(request, {"type": "error", "code": 12, "text": "malformed"})
            case _:
                self.reply(request, {"type": "error", "code": 10, "text": "not supported"})

    def run(self):
        self.out.start()
        for line in sys.stdin:
            try:
                message = json.loads(line)
                body = message["body"]
                message["src"], body.get("type")
            except (ValueError, KeyError, TypeError, AttributeError):
                print("bad", file=sys.stderr)
                continue
            if "in_reply_to" in body:
                box = self.boxes.get(body["in_reply_to"])
                if box:
                    box.put(body)
            elif body.get("type") == "init":
                self.out.src = body["node_id"]
                self.reply(message, {"type": "init_ok"})
            elif "msg_id" in body:
                self.threads.append(threading.Thread(target=self.serve, args=(message,)))
                self.threads[-1].start()
        for thread in self.threads:
            thread.join()
        self.out.close()


Node().run()
