# corpus: whether a list is empty is asked by bool, and its last item may be gone when it is taken
# finds: data-race
# misconception: check-then-act
# preemptions: 1
# outcome: no-reply
# lines: 28 29
# workload: two-echoes
import json
import sys
import threading


class Node:
    def __init__(self):
        self.id = None
        self.next_id = 0
        self.lock = threading.Lock()
        self.seats = ["the only one"]

    def send(self, dest, body):
        with self.lock:
            message = {"src": self.id, "dest": dest, "body": {**body, "msg_id": self.next_id}}
            self.next_id += 1
            sys.stdout.write(json.dumps(message) + "\n")
            sys.stdout.flush()

    def sit(self):
        if bool(self.seats):
            self.seats.pop()

    def echo(self, message):
        body = message["body"]
        self.sit()
        self.send(message["src"], {"type": "echo_ok", "echo": body["echo"], "in_reply_to": body["msg_id"]})

    def run(self):
        threads = []
        for line in sys.stdin:
            message = json.loads(line)
            body = message["body"]
            if body["type"] == "init":
                self.id = body["node_id"]
                self.send(message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"]})
            elif body["type"] == "echo":
                threads.append(threading.Thread(target=self.echo, args=(message,)))
                threads[-1].start()
        for thread in threads:
            thread.join()


Node().run()
