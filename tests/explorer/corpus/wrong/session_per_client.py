# corpus: there is one session a client, which keeps the request it works on in an attribute: two at once of one client mix
# finds: data-race
# misconception: reply-in-a-shared-variable
# preemptions: 1
# outcome: wrong-in-reply-to
# lines: 26 45
# workload: three-at-once
import itertools
import json
import queue
import sys
import threading

ids = itertools.count()
pending = {}
lock = threading.Lock()


class Session:
    node = None

    def __init__(self, client):
        self.client = client

    def __call__(self, request):
        self.request = request
        body = request["body"]
        kind = body.get("type")
        if kind == "echo" and "echo" in body:
            self.reply({"type": "echo_ok", "echo": body["echo"]})
        elif kind == "proxy" and "target" in body and "inner" in body:
            self.proxy(request, body)
        else:
            self.reply({"type": "error", "code": 12 if kind in ("echo", "proxy") else 10, "text": "no"})

    def send(self, dest, body, box=None):
        with lock:
            number = next(ids)
            if box is not None:
                pending[number] = box
            print(json.dumps({"src": Session.node, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)
        return number

    def reply(self, body, request=None):
        body["in_reply_to"] = (request or self.request)["body"]["msg_id"]
        self.send(self.client, body)

    def proxy(self, request, body):
        box = queue.SimpleQueue()
        number = self.send(body["target"], body["inner"], box)
        try:
            result = box.get(timeout=1)
        except queue.Empty:
            result = None
        with lock:
            pending.pop(number, None)
        if result is None:
            self.reply({"type": "error", "code": 0, "text": "timeout"}, request)
        else:
            self.reply({"type": "proxy_ok", "result": result}, request)


sessions = {}
threads = []
for line in sys.stdin:
    try:
        message = json.loads(line)
        body = message["body"]
        body.get("type")
        src = message["src"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        print(error, file=sys.stderr)
        continue
    if "in_reply_to" in body:
        with lock:
            box = pending.get(body["in_reply_to"])
        if box is not None:
            box.put(body)
    elif body.get("type") == "init":
        Session.node = body["node_id"]
        Session(src).reply({"type": "init_ok"}, message)
    elif "msg_id" in body:
        session = sessions.setdefault(src, Session(src))
        threads.append(threading.Thread(target=session, args=(message,)))
        threads[-1].start()
for thread in threads:
    thread.join()
