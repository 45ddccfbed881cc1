# corpus: select() on the descriptor and one buffered readline: the second line of a write stays in the buffer until more comes
# expect: no-reply
# suites: async-handler
# platforms: posix
# note: not-flushed is arguable: what stuck in the buffer is answered once stdin is closed; but the first line of the write had been answered meanwhile
import json
import select
import sys
import time


class Node:
    def __init__(self):
        self.node_id = None
        self.last_id = -1
        self.calls = {}

    def send(self, dest, body):
        self.last_id += 1
        json.dump({"src": self.node_id, "dest": dest, "body": {**body, "msg_id": self.last_id}}, sys.stdout)
        print(flush=True)
        return self.last_id

    def handle(self, line):
        message = json.loads(line)
        src, body = message["src"], message["body"]
        ref, kind = body.get("msg_id"), body.get("type")
        if "in_reply_to" in body:
            client, client_ref, _ = self.calls.pop(body["in_reply_to"], (None, None, None))
            if client is not None:
                self.send(client, {"type": "proxy_ok", "in_reply_to": client_ref, "result": body})
        elif kind == "init":
            self.node_id = body["node_id"]
            self.send(src, {"type": "init_ok", "in_reply_to": ref})
        elif kind == "echo" and "echo" in body:
            self.send(src, {"type": "echo_ok", "in_reply_to": ref, "echo": body["echo"]})
        elif kind == "proxy" and "target" in body and "inner" in body:
            number = self.send(body["target"], body["inner"])
            self.calls[number] = (src, ref, time.monotonic() + 1)
        else:
            code = 12 if kind in ("echo", "proxy") else 10
            self.send(src, {"type": "error", "in_reply_to": ref, "code": code, "text": f"can't {kind}"})

    def expire(self):
        for number, (client, ref, deadline) in list(self.calls.items()):
            if deadline <= time.monotonic():
                del self.calls[number]
                self.send(client, {"type": "error", "in_reply_to": ref, "code": 0, "text": "timeout"})

    def run(self):
        stdin, more = sys.stdin.buffer, True
        while more or self.calls:
            if not more:
                time.sleep(0.01)
            elif select.select([stdin], [], [], 0.02 if self.calls else None)[0]:
                line = stdin.readline()
                more = bool(line)
                try:
                    if line.strip():
                        self.handle(line)
                except Exception as error:
                    print("bad line", line[:60], error, file=sys.stderr)
            self.expire()


Node().run()
