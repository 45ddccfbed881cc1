# corpus: stdout is duplicated and written by the new number, ids are nanoseconds under the lock, a queue has a mutex
# finds: nothing
# suites: async-handler rpc maelstrom-echo
import json
import os
import queue
import sys
import threading
import time

out = os.fdopen(os.dup(1), "w", buffering=1)
guard = threading.Lock()
lines = queue.Queue()
boxes = {}
me = {"id": ""}


def send(dest, body, box=None):
    with guard:
        number = time.monotonic_ns()
        if box is not None:
            boxes[number] = box
        out.write(json.dumps({"src": me["id"], "dest": dest, "body": {**body, "msg_id": number}}) + "\n")
    return number


def reply(request, body):
    send(request["src"], {**body, "in_reply_to": request["body"]["msg_id"]})


def proxy(request):
    box = queue.SimpleQueue()
    number = send(request["body"]["target"], request["body"]["inner"], box)
    try:
        reply(request, {"type": "proxy_ok", "result": box.get(timeout=1)})
    except queue.Empty:
        boxes.pop(number, None)
        reply(request, {"type": "error", "code": 0, "text": "no reply"})


def handle(message, threads):
    body = message["body"]
    kind = body.get("type")
    if "in_reply_to" in body:
        box = boxes.pop(body["in_reply_to"], None)
        if box is not None:
            box.put(body)
    elif kind == "init":
        me["id"] = body["node_id"]
        reply(message, {"type": "init_ok"})
    elif kind == "echo" and "echo" in body:
        reply(message, {"type": "echo_ok", "echo": body["echo"]})
    elif kind == "proxy" and "target" in body and "inner" in body:
        threads.append(threading.Thread(target=proxy, args=(message,)))
        threads[-1].start()
    elif "msg_id" in body:
        reply(message, {"type": "error", "code": 12 if kind in ("echo", "proxy") else 10, "text": kind})


def main():
    threads = []
    for line in sys.stdin:
        lines.put(line)
        with lines.mutex:
            lines.queue.clear()
        try:
            handle(json.loads(line), threads)
        except (ValueError, KeyError, TypeError):
            continue
    for thread in threads:
        thread.join()


main()
