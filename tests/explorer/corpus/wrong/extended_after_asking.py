# corpus: who finds the list filled takes over all that is in it, and between another may have emptied it
# finds: no-reply
# misconception: exception-dies-in-its-thread
# preemptions: 1
# outcome: no-reply
# lines: 32
# workload: two-echoes
import json
import sys
import threading


class Node:
    def __init__(self):
        self.id = None
        self.next_id = 0
        self.lock = threading.Lock()
        self.news = ["to the first who comes"]

    def send(self, dest, body):
        with self.lock:
            message = {"src": self.id, "dest": dest, "body": {**body, "msg_id": self.next_id}}
            self.next_id += 1
            sys.stdout.write(json.dumps(message) + "\n")
            sys.stdout.flush()

    def tell(self):
        if self.news:
            mine = []
            mine.extend(self.news)
            self.news.clear()
            print(mine[0], file=sys.stderr)

    def echo(self, message):
        body = message["body"]
        self.tell()
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
