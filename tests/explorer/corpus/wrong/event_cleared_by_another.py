# corpus: three handlers share an event and locks: one clears it before another has come to wait
# finds: deadlock
# misconception: signal-nobody-heard
# preemptions: 1
# outcome: no-reply
# lines: 45
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
    with L:
        S.release()
        with M:
            s.flag = True
            if not s.ready:
                with C:
                    C.wait()


def h1():
    with L:
        event.wait()
    with L:
        if s.flag:
            mail.put(2)
        S.release()
    mail.put(1)


def h2():
    with C:
        s.ready = True
        C.notify_all()
    if not s.flag:
        event.set()
    if s.flag:
        event.clear()


HANDLERS = (h0, h1, h2)


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
