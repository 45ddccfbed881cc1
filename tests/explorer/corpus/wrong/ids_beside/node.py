# corpus: a class in two files: the node's numbers come from a helper module beside it, which counts unguarded
# finds: data-race
# misconception: nobody-comes-between
# preemptions: 1
# outcome: duplicate-msg-id
# lines: 30
# workload: two-echoes
import json
import sys
import threading

from numbering import Numbering


class Node:
    def __init__(self):
        self.name = None
        self.numbers = Numbering()
        self.calls = {}
        self.stdout = threading.Lock()
        self.threads = []

    def send(self, dest, body, number):
        line = json.dumps({"src": self.name, "dest": dest, "body": {**body, "msg_id": number}})
        with self.stdout:
            print(line, flush=True)

    def reply(self, request, body):
        answer = {**body, "in_reply_to": request["body"]["msg_id"]}
        self.send(request["src"], answer, self.numbers.take())

    def echo(self, request):
        self.reply(request, {"type": "echo_ok", "echo": request["body"]["echo"]})

    def proxy(self, request):
        number, came = self.numbers.take(), threading.Event()
        self.calls[number] = [came, None]
        self.send(request["body"]["target"], request["body"]["inner"], number)
        if came.wait(1):
            self.reply(request, {"type": "proxy_ok", "result": self.calls[number][1]})
        else:
            self.reply(request, {"type": "error", "code": 0, "text": "no reply"})

    def unknown(self, request):
        self.reply(request, {"type": "error", "code": 10, "text": "not supported"})

    def run(self):
        for line in sys.stdin:
            message = json.loads(line)
            body = message["body"]
            if body["type"] == "init":
                self.name = body["node_id"]
                self.reply(message, {"type": "init_ok"})
            elif "in_reply_to" in body:
                if call := self.calls.get(body["in_reply_to"]):
                    call[1] = body
                    call[0].set()
            else:
                serve = {"echo": self.echo, "proxy": self.proxy}.get(body["type"], self.unknown)
                self.threads.append(threading.Thread(target=serve, args=(message,)))
                self.threads[-1].start()
        for thread in self.threads:
            thread.join()


Node().run()
