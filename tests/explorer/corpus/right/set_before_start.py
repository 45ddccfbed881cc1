# corpus: what a handler needs is written before its thread starts, and read after join: no lock between those two
# finds: nothing
# suites: rpc maelstrom-echo
import json
import sys
import threading
from queue import Empty, SimpleQueue


class Worker(threading.Thread):
    def __init__(self, node, message):
        super().__init__()
        self.node, self.message, self.answer = node, message, None

    def run(self):
        body = self.message["body"]
        if body["type"] == "echo":
            self.answer = {"type": "echo_ok", "echo": body["echo"]}
        elif body["type"] == "proxy":
            self.answer = self.node.ask(body["target"], body["inner"])
        else:
            self.answer = {"type": "error", "code": 10, "text": "not supported"}
        self.node.finished.put(self)


class Node:
    def __init__(self):
        self.lock, self.ids, self.calls, self.finished = threading.Lock(), iter(range(10**6)), {}, SimpleQueue()
        self.id = None

    def send(self, dest, body, call=None):
        with self.lock:
            number = next(self.ids)
            if call:
                self.calls[number] = call
            print(json.dumps({"src": self.id, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)

    def ask(self, target, inner):
        call = SimpleQueue()
        self.send(target, inner, call)
        try:
            return {"type": "proxy_ok", "result": call.get(timeout=1)}
        except Empty:
            return {"type": "error", "code": 0, "text": "no reply"}

    def answer_all(self):
        while (worker := self.finished.get()) is not None:
            worker.join()
            request = worker.message
            self.send(request["src"], {**worker.answer, "in_reply_to": request["body"]["msg_id"]})

    def run(self):
        answering = threading.Thread(target=self.answer_all)
        answering.start()
        workers = []
        for line in sys.stdin:
            message = json.loads(line)
            body = message["body"]
            if body["type"] == "init":
                self.id = body["node_id"]
                self.send(message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"]})
            elif "in_reply_to" in body:
                with self.lock:
                    call = self.calls.pop(body["in_reply_to"], None)
                if call:
                    call.put(body)
            else:
                workers.append(Worker(self, message))
                workers[-1].start()
        for worker in workers:
            worker.join()
        self.finished.put(None)


Node().run()
