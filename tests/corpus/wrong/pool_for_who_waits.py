# corpus: requests are sent at once, but only eight can wait for a reply: the others wait for those
# expect: blocked
# suites: async-handler=passed rpc
import json
import queue
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

lock = threading.Lock()
waiting = {}
numbers = 0
me = None


def send(dest, body, box=None):
    global numbers
    with lock:
        if box is not None:
            waiting[numbers] = box
        message = {"src": me, "dest": dest, "body": {**body, "msg_id": numbers}}
        numbers += 1
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


def reply(request, body):
    send(request["src"], {**body, "in_reply_to": request["body"]["msg_id"]})


def hand_over(request, box):
    try:
        answer = box.get(timeout=1)
    except queue.Empty:
        reply(request, {"type": "error", "code": 0, "text": "no reply"})
    else:
        reply(request, {"type": "proxy_ok", "result": answer})


def serve(message):
    body = message["body"]
    if body["type"] == "echo" and "echo" in body:
        reply(message, {"type": "echo_ok", "echo": body["echo"]})
    elif body["type"] == "proxy" and "target" in body and "inner" in body:
        box = queue.Queue()
        send(body["target"], body["inner"], box)
        pool.submit(hand_over, message, box)
    else:
        code = 12 if body["type"] in ("echo", "proxy") else 10
        reply(message, {"type": "error", "code": code, "text": "can't"})


with ThreadPoolExecutor(8) as pool:
    for line in sys.stdin:
        try:
            message = json.loads(line)
            body = message["body"]
            body["type"], message["src"]
        except (ValueError, TypeError, KeyError):
            continue
        if "in_reply_to" in body:
            with lock:
                box = waiting.pop(body["in_reply_to"], None)
            if box is not None:
                box.put(body)
        elif "msg_id" not in body:
            continue
        elif body["type"] == "init":
            me = body["node_id"]
            reply(message, {"type": "init_ok"})
        else:
            serve(message)
