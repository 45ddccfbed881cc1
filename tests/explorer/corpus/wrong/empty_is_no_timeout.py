# corpus: the time of `queue.get` runs out, and what it raises then is not what is caught
# finds: no-reply
# misconception: timeout-by-another-name
# preemptions: 0
# outcome: no-reply
# lines: 36
# workload: proxy-late
import itertools
import json
import queue
import sys
import threading

ids = itertools.count()
out = threading.Lock()
slots = {}
me = None


def send(dest, body, slot=None):
    with out:
        number = next(ids)
        if slot is not None:
            slots[number] = slot
        print(json.dumps({"src": me, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)


def serve(message):
    body = message["body"]
    if body["type"] == "echo":
        answer = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] == "proxy":
        slot = queue.Queue()
        send(body["target"], body["inner"], slot)
        try:
            answer = {"type": "proxy_ok", "result": slot.get(timeout=1)}
        except TimeoutError:
            answer = {"type": "error", "code": 0, "text": "no reply"}
    else:
        answer = {"type": "error", "code": 10, "text": "not supported"}
    send(message["src"], {**answer, "in_reply_to": body["msg_id"]})


threads = []
for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        me = body["node_id"]
        send(message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"]})
    elif "in_reply_to" in body:
        slots[body["in_reply_to"]].put(body)
    else:
        threads.append(threading.Thread(target=serve, args=(message,)))
        threads[-1].start()
for thread in threads:
    thread.join()
