# corpus: who finds the attribute deletes it, and between another may have done so
# finds: data-race
# misconception: nobody-comes-between
# preemptions: 1
# outcome: no-reply
# lines: 29 32
# workload: two-echoes
import json
import sys
import threading


class Node:
    def __init__(self):
        self.id = None
        self.next_id = 0
        self.lock = threading.Lock()
        self.welcome = "to the first who comes"

    def send(self, dest, body):
        with self.lock:
            message = {"src": self.id, "dest": dest, "body": {**body, "msg_id": self.next_id}}
            self.next_id += 1
            sys.stdout.write(json.dumps(message) + "\n")
            sys.stdout.flush()

    def greet(self):
        try:
            words = self.welcome
        except AttributeError:
            return
        del self.welcome
        print(words, file=sys.stderr)

    def echo(self, message):
        body = message["body"]
        self.greet()
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
