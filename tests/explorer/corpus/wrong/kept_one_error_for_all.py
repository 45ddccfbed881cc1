# corpus: whoever gives up on a peer answers with one error that is made once, and writes into it whom it answers
# finds: data-race
# misconception: reply-in-a-shared-variable
# preemptions: 1
# outcome: wrong-address
# lines: 27 50
# workload: proxy-silent
import itertools
import json
import queue
import sys
import threading


GAVE_UP = {"type": "error", "code": 0, "text": "no reply"}  # the same for all who give up


class Node:
    def __init__(self):
        self.id = None
        self.ids = itertools.count()
        self.lock = threading.Lock()
        self.pending = {}

    def send(self, dest, body):
        with self.lock:
            print(json.dumps({"src": self.id, "dest": dest, "body": {**body, "msg_id": next(self.ids)}}), flush=True)

    def rpc(self, dest, body):
        slot = queue.Queue()
        with self.lock:
            number = next(self.ids)
            self.pending[number] = slot
            print(json.dumps({"src": self.id, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)
        try:
            return slot.get(timeout=1)
        except queue.Empty:
            return None

    def handle(self, message):
        body = message["body"]
        if body["type"] == "echo":
            answer = {"type": "echo_ok", "echo": body["echo"]}
        elif body["type"] != "proxy":
            answer = {"type": "error", "code": 10}
        elif (result := self.rpc(body["target"], body["inner"])) is not None:
            answer = {"type": "proxy_ok", "result": result}
        else:
            answer = GAVE_UP
        answer["in_reply_to"] = body["msg_id"]
        self.send(message["src"], answer)

    def main(self):
        for line in sys.stdin:
            message = json.loads(line)
            body = message["body"]
            if body["type"] == "init":
                self.id = body["node_id"]
                self.send(message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"]})
            elif "in_reply_to" in body:
                with self.lock:
                    slot = self.pending.pop(body["in_reply_to"], None)
                if slot:
                    slot.put(body)
            else:
                threading.Thread(target=self.handle, args=(message,)).start()


Node().main()
