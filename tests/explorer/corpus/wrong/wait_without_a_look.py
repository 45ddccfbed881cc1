# corpus: the handler waits for a signal without looking whether the reply is there already: one that came in between wakes nobody
# finds: data-race
# misconception: signal-nobody-heard
# preemptions: 1
# outcome: wrong-type
# lines: 48 58 59
# workload: proxy-held
import json
import sys
import threading
from contextlib import contextmanager


class Call:
    def __init__(self):
        self.arrived = threading.Condition()
        self.reply = None


class Node:
    def __init__(self):
        self.lock = threading.Lock()
        self.counter = 0
        self.calls = {}
        self.node_id = None

    @contextmanager
    def numbered(self):
        with self.lock:
            yield self.counter
            self.counter += 1

    def send(self, dest, body, call=None):
        with self.numbered() as number:
            if call is not None:
                self.calls[number] = call
            sys.stdout.write(json.dumps({"src": self.node_id, "dest": dest, "body": {**body, "msg_id": number}}) + "\n")
            sys.stdout.flush()
        return number

    def reply(self, request, **body):
        self.send(request["src"], {**body, "in_reply_to": request["body"]["msg_id"]})

    def rpc(self, target, inner):
        call = Call()
        number = self.send(target, inner, call)
        with call.arrived:
            in_time = call.arrived.wait(timeout=1)
        with self.lock:
            self.calls.pop(number, None)
        return call.reply if in_time else None

    def deliver(self, body):
        with self.lock:
            call = self.calls.get(body["in_reply_to"])
        if call is not None:
            with call.arrived:
                call.reply = body
                call.arrived.notify()

    def handle(self, request):
        body = request["body"]
        try:
            if body.get("type") == "echo":
                self.reply(request, type="echo_ok", echo=body["echo"])
            elif body.get("type") == "proxy":
                result = self.rpc(body["target"], body["inner"])
                if result is None:
                    self.reply(request, type="error", code=0, text="timeout")
                else:
                    self.reply(request, type="proxy_ok", result=result)
            else:
                self.reply(request, type="error", code=10, text="not supported")
        except KeyError as e:
            self.reply(request, type="error", code=12, text=str(e))


def main():
    node, threads = Node(), []
    for line in sys.stdin:
        try:
            message = json.loads(line)
            body = message["body"]
            message["src"], body.get("type")
        except (ValueError, KeyError, TypeError, AttributeError) as e:
            print("?", e, file=sys.stderr)
            continue
        if "in_reply_to" in body:
            node.deliver(body)
        elif body.get("type") == "init":
            node.node_id = body["node_id"]
            node.reply(message, type="init_ok")
        elif "msg_id" in body:
            t = threading.Thread(target=node.handle, args=(message,))
            threads.append(t)
            t.start()
    for t in threads:
        t.join()


main()
