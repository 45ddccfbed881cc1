# corpus: the number is set to +1 where one was to be added to it
# finds: duplicate-msg-id
# misconception: none
# preemptions: 0
# outcome: duplicate-msg-id
# lines: 24
# workload: two-echoes
import json
import sys
import threading


class Node:
    def __init__(self):
        self.id = None
        self.next_id = 0
        self.lock = threading.Lock()

    def send(self, dest, body):
        with self.lock:
            message = {"src": self.id, "dest": dest, "body": {**body, "msg_id": self.next_id}}
            sys.stdout.write(json.dumps(message) + "\n")
            sys.stdout.flush()
            self.next_id =+ 1

    def handle(self, message):
        body = message["body"]
        if body["type"] == "init":
            self.id = body["node_id"]
            self.send(message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"]})
        elif body["type"] == "echo":
            answer = {"type": "echo_ok", "echo": body["echo"], "in_reply_to": body["msg_id"]}
            self.send(message["src"], answer)

    def run(self):
        threads = []
        for line in sys.stdin:
            message = json.loads(line)
            if message["body"]["type"] == "init":
                self.handle(message)
                continue
            threads.append(threading.Thread(target=self.handle, args=(message,)))
            threads[-1].start()
        for thread in threads:
            thread.join()


Node().run()
