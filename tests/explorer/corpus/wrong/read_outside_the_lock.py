# corpus: the lock guards the write of the counter and of the line, but the number was read before it is taken
# finds: data-race
# misconception: read-outside-the-lock
# preemptions: 1
# outcome: duplicate-msg-id
# lines: 23 29
# workload: two-echoes
import json
import sys
from threading import Event, Lock, Thread


class Call:
    def __init__(self):
        self.answered, self.body = Event(), None


class Node:
    def __init__(self):
        self.name, self.counter, self.calls, self.lock = None, 0, {}, Lock()

    def send(self, dest, body, call=None):
        number = self.counter
        body = {**body, "msg_id": number}
        text = json.dumps({"src": self.name, "dest": dest, "body": body})
        with self.lock:
            if call:
                self.calls[number] = call
            self.counter = number + 1
            print(text, flush=True)
        return number

    def echo(self, body):
        return {"type": "echo_ok", "echo": body["echo"]}

    def proxy(self, body):
        call = Call()
        number = self.send(body["target"], body["inner"], call)
        if call.answered.wait(timeout=1):
            return {"type": "proxy_ok", "result": call.body}
        with self.lock:
            self.calls.pop(number, None)
        return {"type": "error", "code": 0, "text": "timeout"}

    def init(self, body):
        self.name = body["node_id"]
        return {"type": "init_ok"}

    def other(self, body):
        return {"type": "error", "code": 10, "text": body["type"]}

    def handle(self, message):
        body = message["body"]
        work = {"init": self.init, "echo": self.echo, "proxy": self.proxy}.get(body["type"], self.other)
        self.send(message["src"], {**work(body), "in_reply_to": body["msg_id"]})


node, threads = Node(), []
while line := sys.stdin.readline():
    message = json.loads(line)
    if message["body"]["type"] == "init":
        node.handle(message)
    elif "in_reply_to" in message["body"]:
        with node.lock:
            call = node.calls.pop(message["body"]["in_reply_to"], None)
        if call:
            call.body = message["body"]
            call.answered.set()
    else:
        threads.append(Thread(target=node.handle, args=[message]))
        threads[-1].start()
for thread in threads:
    thread.join()
