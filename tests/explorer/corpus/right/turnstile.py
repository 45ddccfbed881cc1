# corpus: a thread for each message; tickets keep the order. Whose turn it is is first looked at without the lock, and again with it
# finds: nothing
# suites: async-handler rpc maelstrom-echo
import json
import sys
import threading


class Turnstile:
    def __init__(self):
        self.cond = threading.Condition()
        self.turn = 0

    def wait(self, ticket):
        if self.turn == ticket:  # only the holder of the ticket can change that now
            return
        with self.cond:
            while self.turn != ticket:
                self.cond.wait()

    def leave(self):
        with self.cond:
            self.turn += 1
            self.cond.notify_all()


class Node:
    def __init__(self):
        self.gate = Turnstile()
        self.tickets = 0
        self.name = None
        self.mutex = threading.Lock()
        self.last_id = -1
        self.calls = {}

    def write(self, dest, body, call=None):
        with self.mutex:
            self.last_id += 1
            body = dict(body, msg_id=self.last_id)
            if call is not None:
                call.number = self.last_id
                self.calls[self.last_id] = call
            sys.stdout.write(json.dumps({"src": self.name, "dest": dest, "body": body}) + "\n")
            sys.stdout.flush()

    def handle(self, ticket, src, body):
        kind = body["type"]
        if kind == "init":
            answer = {"type": "init_ok"}
        elif kind == "echo" and "echo" in body:
            answer = {"type": "echo_ok", "echo": body["echo"]}
        elif kind in ("echo", "proxy"):
            answer = {"type": "error", "code": 12, "text": "malformed"}
        else:
            answer = {"type": "error", "code": 10, "text": "unsupported"}
        answer["in_reply_to"] = body["msg_id"]
        self.gate.wait(ticket)
        self.write(src, answer)
        self.gate.leave()

    def proxy(self, src, body):
        call = Call()
        self.write(body["target"], body["inner"], call)
        call.done.wait(1.0)
        with self.mutex:
            self.calls.pop(call.number, None)
            result = call.result
        if result is None:
            answer = {"type": "error", "code": 0, "text": "timeout"}
        else:
            answer = {"type": "proxy_ok", "result": result}
        self.write(src, dict(answer, in_reply_to=body["msg_id"]))

    def run(self):
        for line in sys.stdin:
            try:
                message = json.loads(line)
                src, body, kind = message["src"], message["body"], message["body"]["type"]
            except (ValueError, TypeError, KeyError) as error:
                print("ignored", error, file=sys.stderr)
                continue
            if "in_reply_to" in body:
                with self.mutex:
                    call = self.calls.pop(body["in_reply_to"], None)
                    if call is not None:
                        call.result = body
                        call.done.set()
            elif kind == "proxy" and "target" in body and "inner" in body:
                threading.Thread(target=self.proxy, args=(src, body)).start()
            else:
                if kind == "init":
                    self.name = body["node_id"]
                threading.Thread(target=self.handle, args=(self.tickets, src, body)).start()
                self.tickets += 1


class Call:
    def __init__(self):
        self.done = threading.Event()
        self.result = None
        self.number = None


if __name__ == "__main__":
    Node().run()
