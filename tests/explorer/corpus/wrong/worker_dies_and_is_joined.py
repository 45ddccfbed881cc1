# corpus: a worker is ended by an exception, and the main thread waits for work that nobody will have done
# finds: no-reply
# misconception: exception-dies-in-its-thread
# preemptions: 0
# outcome: no-reply
# lines: 42
# workload: proxy-late
import itertools
import json
import queue
import sys
import threading

ids = itertools.count()
out = threading.Lock()
work = queue.Queue()
slots = {}
me = None


class Gone(Exception):
    pass


def send(dest, body, slot=None):
    with out:
        number = next(ids)
        if slot is not None:
            slots[number] = slot
        print(json.dumps({"src": me, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)


def answer(body):
    if body["type"] == "echo":
        return {"type": "echo_ok", "echo": body["echo"]}
    if body["type"] == "proxy":
        slot = queue.Queue()
        send(body["target"], body["inner"], slot)
        try:
            return {"type": "proxy_ok", "result": slot.get(timeout=1)}
        except queue.Empty:
            raise Gone(body["target"]) from None
    return {"type": "error", "code": 10, "text": "not supported"}


def serve():
    while True:
        message = work.get()
        send(message["src"], {**answer(message["body"]), "in_reply_to": message["body"]["msg_id"]})
        work.task_done()


for _ in range(4):
    threading.Thread(target=serve, daemon=True).start()
for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        me = body["node_id"]
        send(message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"]})
    elif "in_reply_to" in body:
        slots[body["in_reply_to"]].put(body)
    else:
        work.put(message)
work.join()
