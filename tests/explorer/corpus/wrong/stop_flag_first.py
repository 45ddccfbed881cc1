# corpus: workers look at a stop flag before they look into the queue; raised at the end of input, it leaves requests there
# finds: lost-at-eof
# misconception: queue-never-drained
# preemptions: 0
# outcome: lost-at-eof
# lines: 49 72
# workload: ends-early
import json
import sys
import threading
from queue import Empty, Queue


class Node:
    def __init__(self):
        self.requests = Queue()
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.calls = {}
        self.next_id = 0
        self.name = None

    def send(self, dest, body, call=None):
        with self.lock:
            if call:
                self.calls[self.next_id] = call
            line = json.dumps({"src": self.name, "dest": dest, "body": {**body, "msg_id": self.next_id}})
            self.next_id += 1
            print(line, flush=True)

    def serve(self, src, body):
        if body["type"] == "init":
            self.name = body["node_id"]
            answer = {"type": "init_ok"}
        elif body["type"] == "echo":
            answer = {"type": "echo_ok", "echo": body["echo"]}
        elif body["type"] == "proxy":
            call = Queue()
            self.send(body["target"], body["inner"], call)
            try:
                answer = {"type": "proxy_ok", "result": call.get(timeout=1)}
            except Empty:
                answer = {"type": "error", "code": 0, "text": "no reply"}
        else:
            answer = {"type": "error", "code": 10, "text": "not supported"}
        self.send(src, {**answer, "in_reply_to": body["msg_id"]})

    def work(self):
        while not self.stopping.is_set():
            try:
                src, body = self.requests.get(timeout=0.1)
            except Empty:
                continue
            self.serve(src, body)

    def run(self):
        crew = [threading.Thread(target=self.work) for _ in range(4)]
        for worker in crew:
            worker.start()
        for line in sys.stdin:
            message = json.loads(line)
            body = message["body"]
            if body["type"] == "init":
                self.serve(message["src"], body)
            elif "in_reply_to" in body:
                with self.lock:
                    call = self.calls.pop(body["in_reply_to"], None)
                if call:
                    call.put(body)
            else:
                self.requests.put((message["src"], body))
        self.stopping.set()
        for worker in crew:
            worker.join()


Node().run()
