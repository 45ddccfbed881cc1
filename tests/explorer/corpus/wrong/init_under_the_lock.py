# corpus: every handler holds the lock, init's too; but init has a thread of its own, and may come second
# finds: data-race
# misconception: init-beside-the-rest
# preemptions: 0
# outcome: before-init
# lines: 27 36
# workload: start
import json
import queue
import sys
import threading


class Node:
    def __init__(self):
        self.lock = threading.Lock()
        self.name = None
        self.sent = 0
        self.waiting = {}

    def send(self, dest, body, slot=None):
        with self.lock:
            number = self.sent
            self.sent += 1
            if slot is not None:
                self.waiting[number] = slot
            src = body.pop("src", None) or self.name
            print(json.dumps({"src": src, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)

    def handle(self, message):
        body = message["body"]
        if body["type"] == "init":
            answer = {"type": "init_ok", "src": body["node_id"]}
            self.send(message["src"], {**answer, "in_reply_to": body["msg_id"]})
            with self.lock:
                self.name = body["node_id"]
            return
        if body["type"] == "echo":
            answer = {"type": "echo_ok", "echo": body["echo"]}
        elif body["type"] == "proxy":
            slot = queue.SimpleQueue()
            self.send(body["target"], body["inner"], slot)
            try:
                answer = {"type": "proxy_ok", "result": slot.get(timeout=1)}
            except queue.Empty:
                answer = {"type": "error", "code": 0, "text": "no reply"}
        else:
            answer = {"type": "error", "code": 10, "text": "not supported"}
        self.send(message["src"], {**answer, "in_reply_to": body["msg_id"]})

    def main(self):
        threads = []
        for line in sys.stdin:
            message = json.loads(line)
            body = message["body"]
            if "in_reply_to" in body:
                with self.lock:
                    slot = self.waiting.pop(body["in_reply_to"], None)
                if slot is not None:
                    slot.put(body)
            else:
                threads.append(threading.Thread(target=self.handle, args=(message,)))
                threads[-1].start()
        for thread in threads:
            thread.join()


Node().main()
