# corpus: two handlers over a few attributes, of which one is written on a condition: a point that is learnt late
# finds: data-race
# misconception: check-then-act
# preemptions: 2
# outcome: no-reply
# lines: 38 44
# workload: two-echoes
import json
import sys
import threading
from queue import Empty, SimpleQueue


class Shared:
    def __init__(self):
        self.a = self.b = self.c = 0
        self.d = {}
        self.l = []


s = Shared()
L, M, out = threading.Lock(), threading.Lock(), threading.Lock()
event, mail = threading.Event(), SimpleQueue()
node = {"id": None, "next": 0}


def reply(request, body):
    with out:
        number = node["next"]
        node["next"] = number + 1
        print(json.dumps({"src": node["id"], "dest": request["src"], "body": {**body, "in_reply_to": request["body"]["msg_id"], "msg_id": number}}), flush=True)


def first(r):
    r.append(s.d.get('y'))
    s.a = 2
    with L:
        r.append(s.a)
        r.append(s.b)


def second(r):
    if s.a == 0:
        s.a = 1
    try:
        r.append(mail.get_nowait())
    except Empty:
        r.append(None)
    s.b = s.c
    r.append(event.is_set())


def serve(place, request):
    r = []
    (first, second)[place](r)
    if (place, tuple(r)) == (0, (None, 1, 0)):
        return
    reply(request, {"type": "echo_ok", "echo": request["body"]["echo"]})


place = 0
threads = []
for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body.get("type") == "init":
        node["id"] = body["node_id"]
        reply(message, {"type": "init_ok"})
    elif body.get("type") == "echo":
        threads.append(threading.Thread(target=serve, args=(place % 2, message)))
        threads[-1].start()
        place += 1
    elif "msg_id" in body and body.get("type") != "proxy":
        reply(message, {"type": "error", "code": 10})
for thread in threads:
    thread.join()
