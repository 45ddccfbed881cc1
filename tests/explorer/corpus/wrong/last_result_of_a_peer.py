# corpus: the reader leaves a peer's reply in one attribute and wakes the handler that waits; a second reply comes first
# finds: data-race
# misconception: reply-in-a-shared-variable
# preemptions: 0
# outcome: wrong-payload
# lines: 34 49
# workload: two-proxies
import json
import sys
import threading


class Node:
    def __init__(self):
        self.id = None
        self.sent = 0
        self.lock = threading.Lock()
        self.events = {}
        self.result = None

    def send(self, dest, body, event=None):
        with self.lock:
            number = self.sent
            self.sent += 1
            if event:
                self.events[number] = event
            print(json.dumps({"src": self.id, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)

    def proxy(self, body):
        event = threading.Event()
        self.send(body["target"], body["inner"], event)
        if not event.wait(timeout=1):
            return {"type": "error", "code": 0, "text": "no reply"}
        return {"type": "proxy_ok", "result": self.result}

    def handle(self, src, body):
        if body["type"] == "proxy":
            answer = self.proxy(body)
        elif body["type"] == "echo":
            answer = {"type": "echo_ok", "echo": body["echo"]}
        else:
            answer = {"type": "error", "code": 10, "text": "not supported"}
        self.send(src, {**answer, "in_reply_to": body["msg_id"]})

    def deliver(self, body):
        with self.lock:
            event = self.events.pop(body["in_reply_to"], None)
        if event:
            self.result = body
            event.set()

    def run(self):
        for line in sys.stdin:
            message = json.loads(line)
            src, body = message["src"], message["body"]
            if body["type"] == "init":
                self.id = body["node_id"]
                self.send(src, {"type": "init_ok", "in_reply_to": body["msg_id"]})
            elif "in_reply_to" in body:
                self.deliver(body)
            else:
                threading.Thread(target=self.handle, args=(src, body)).start()


Node().run()
