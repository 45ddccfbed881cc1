# corpus: the default is set if nobody has set the level: a level set between the look and the write is lost
# finds: data-race
# misconception: check-then-act
# preemptions: 1
# outcome: crashed
# lines: 20 23 24
# workload: two-echoes
import json
import sys
import threading
from queue import Empty, SimpleQueue


class Settings:
    def __init__(self):
        self.level = 0
        self.wanted = 0

    def set(self, level):
        self.level = level

    def set_default(self):
        if self.level == 0:
            self.level = 1


settings = Settings()
out = threading.Lock()
boxes = {}
me, sent = None, 0


def say(dest, body, box=None):
    global sent
    with out:
        number, sent = sent, sent + 1
        if box is not None:
            boxes[number] = box
        print(json.dumps({"src": me, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)


def reply(request, body):
    say(request["src"], {**body, "in_reply_to": request["body"]["msg_id"]})


def proxy(request):
    box = SimpleQueue()
    say(request["body"]["target"], request["body"]["inner"], box)
    try:
        reply(request, {"type": "proxy_ok", "result": box.get(timeout=1)})
    except Empty:
        reply(request, {"type": "error", "code": 0})


def handle(request):
    body = request["body"]
    if body.get("type") == "echo" and "echo" in body:
        if request["src"] == "c1":
            settings.set(2)
        else:
            settings.set_default()
        reply(request, {"type": "echo_ok", "echo": body["echo"]})
    elif body.get("type") == "proxy" and "target" in body and "inner" in body:
        proxy(request)
    else:
        reply(request, {"type": "error", "code": 12 if body.get("type") in ("echo", "proxy") else 10})


threads = []
explicit = False
for line in sys.stdin:
    try:
        message = json.loads(line)
        body, src = message["body"], message["src"]
    except (ValueError, KeyError, TypeError):
        continue
    if "in_reply_to" in body:
        box = boxes.pop(body["in_reply_to"], None)
        if box:
            box.put(body)
    elif body.get("type") == "init":
        me = body["node_id"]
        reply(message, {"type": "init_ok"})
    elif "msg_id" in body:
        explicit = explicit or (src == "c1" and body.get("type") == "echo")
        threads.append(threading.Thread(target=handle, args=(message,)))
        threads[-1].start()
for thread in threads:
    thread.join()
if explicit and settings.level != 2:
    sys.exit("the level that was set is lost")
