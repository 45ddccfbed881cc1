# corpus: one condition for all, and `if` for `while`: another's reply wakes the handler, which takes it for its timeout
# finds: blocked
# misconception: woken-is-served
# preemptions: 0
# outcome: blocked
# lines: 31 32 34
# workload: two-proxies
import json
import sys
import threading


class Replies:
    def __init__(self):
        self.condition = threading.Condition()
        self.wanted = set()
        self.arrived = {}

    def want(self, number):
        with self.condition:
            self.wanted.add(number)

    def put(self, number, body):
        with self.condition:
            if number in self.wanted:
                self.arrived[number] = body
                self.condition.notify_all()

    def get(self, number):
        with self.condition:
            if number not in self.arrived:
                self.condition.wait(timeout=1)
            self.wanted.discard(number)
            return self.arrived.pop(number, None)


class Sender:
    def __init__(self, replies):
        self.replies = replies
        self.lock = threading.Lock()
        self.number = 0
        self.src = None

    def send(self, dest, body, wanted=False):
        with self.lock:
            number = self.number
            self.number += 1
            if wanted:
                self.replies.want(number)
            sys.stdout.write(json.dumps({"src": self.src, "dest": dest, "body": {**body, "msg_id": number}}))
            sys.stdout.write("\n")
            sys.stdout.flush()
            return number

    def reply(self, to, body):
        self.send(to["src"], {**body, "in_reply_to": to["body"]["msg_id"]})


replies = Replies()
sender = Sender(replies)


class Worker(threading.Thread):
    def __init__(self, message):
        threading.Thread.__init__(self)
        self.message, self.body = message, message["body"]

    def reply(self, **body):
        sender.reply(self.message, body)

    def run(self):
        kind = self.body.get("type")
        if kind == "echo" and "echo" in self.body:
            self.reply(type="echo_ok", echo=self.body["echo"])
        elif kind == "proxy" and "target" in self.body and "inner" in self.body:
            result = replies.get(sender.send(self.body["target"], self.body["inner"], wanted=True))
            if result is None:
                self.reply(type="error", code=0, text="timeout")
            else:
                self.reply(type="proxy_ok", result=result)
        elif kind in ("echo", "proxy"):
            self.reply(type="error", code=12, text="malformed")
        else:
            self.reply(type="error", code=10, text="not supported")


workers = []
for line in sys.stdin:
    try:
        message = json.loads(line)
        body = message["body"]
        message["src"], body.get("type")
    except (ValueError, KeyError, TypeError, AttributeError) as e:
        print(e, file=sys.stderr)
        continue
    if "in_reply_to" in body:
        replies.put(body["in_reply_to"], body)
    elif body.get("type") == "init":
        sender.src = body["node_id"]
        sender.reply(message, {"type": "init_ok"})
    elif "msg_id" in body:
        workers.append(Worker(message))
        workers[-1].start()
for worker in workers:
    worker.join()
