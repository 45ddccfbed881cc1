# corpus: the next number is one above the highest that was given out, which two handlers look up at once
# finds: data-race
# misconception: nobody-comes-between
# preemptions: 1
# outcome: duplicate-msg-id
# lines: 24 25
# workload: two-echoes
import json
import queue
import sys
import threading


class Node:
    def __init__(self):
        self.name = ""
        self.given = {0}
        self.asked = {}
        self.output = threading.Lock()
        self.handlers = []

    def send(self, dest, body, inbox=None):
        """Write one line, and remember in whose inbox its answer belongs."""
        number = max(self.given) + 1
        self.given.add(number)
        if inbox is not None:
            self.asked[number] = inbox
        line = json.dumps({"src": self.name, "dest": dest, "body": {**body, "msg_id": number}})
        with self.output:
            print(line, flush=True)

    def answer(self, body):
        match body["type"]:
            case "echo":
                return {"type": "echo_ok", "echo": body["echo"]}
            case "proxy":
                inbox = queue.SimpleQueue()
                self.send(body["target"], body["inner"], inbox)
                try:
                    return {"type": "proxy_ok", "result": inbox.get(timeout=1)}
                except queue.Empty:
                    return {"type": "error", "code": 0, "text": "no answer came"}
        return {"type": "error", "code": 10, "text": "unknown type"}

    def handle(self, message):
        body = message["body"]
        self.send(message["src"], {**self.answer(body), "in_reply_to": body["msg_id"]})

    def run(self):
        for line in sys.stdin:
            message = json.loads(line)
            body = message["body"]
            if body["type"] == "init":
                self.name = body["node_id"]
                self.send(message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"]})
            elif "in_reply_to" in body:
                if inbox := self.asked.pop(body["in_reply_to"], None):
                    inbox.put(body)
            else:
                self.handlers.append(threading.Thread(target=self.handle, args=(message,)))
                self.handlers[-1].start()
        for handler in self.handlers:
            handler.join()


Node().run()
