# corpus: an event is set and cleared at once: who waits later, or is told and comes too late, waits for ever
# finds: deadlock
# misconception: none
# preemptions: 0
# outcome: no-reply
# lines: 33
# workload: three-at-once
import json
import sys
import threading
from queue import Queue, SimpleQueue


class Shared:
    def __init__(self):
        self.flag = self.ready = False


s = Shared()
L, M, C, S, out = threading.Lock(), threading.Lock(), threading.Condition(), threading.Semaphore(0), threading.Lock()
event, mail, small = threading.Event(), SimpleQueue(), Queue(1)
node = {"id": None, "next": 0}


def reply(request, body):
    with out:
        number = node["next"]
        node["next"] = number + 1
        print(json.dumps({"src": node["id"], "dest": request["src"], "body": {**body, "in_reply_to": request["body"]["msg_id"], "msg_id": number}}), flush=True)


def h0():
    event.wait()


def h1():
    pass


def h2():
    event.set()
    event.clear()


HANDLERS = (h0, h1, h2,)


def serve(place, request):
    HANDLERS[place]()
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
        threads.append(threading.Thread(target=serve, args=(place % len(HANDLERS), message)))
        threads[-1].start()
        place += 1
for thread in threads:
    thread.join()
