# corpus: a worker for each client: each client's echoes in order, those of different clients as it happens
# expect: passed
# suites: rpc maelstrom-echo
# note: async-handler: wrong-order (clients of an even checksum answer 20 ms late, so that it is certain)
import json
import queue
import sys
import threading
import time
import zlib

lock = threading.Lock()
boxes, calls, workers, numbers = {}, {}, [], iter(range(10**9))
name = None


def send(dest, body, waiter=None):
    with lock:
        body = {**body, "msg_id": next(numbers)}
        if waiter:
            calls[body["msg_id"]] = waiter
        print(json.dumps({"src": name, "dest": dest, "body": body}), flush=True)


def proxy(client, body):
    waiter = queue.Queue()
    send(body["target"], body["inner"], waiter)
    try:
        answer = {"type": "proxy_ok", "result": waiter.get(timeout=1)}
    except queue.Empty:
        answer = {"type": "error", "code": 0, "text": "timeout"}
    send(client, {**answer, "in_reply_to": body["msg_id"]})


def serve(client, box):
    late = zlib.crc32(client.encode()) % 2 == 0
    while (body := box.get()) is not None:
        ref, kind = body["msg_id"], body.get("type")
        if late and kind == "echo":
            time.sleep(0.02 if ref < 50 else 0)
        if kind == "echo" and "echo" in body:
            send(client, {"type": "echo_ok", "echo": body["echo"], "in_reply_to": ref})
        elif kind == "proxy" and "target" in body and "inner" in body:
            workers.append(threading.Thread(target=proxy, args=(client, body)))
            workers[-1].start()
        elif kind in ("echo", "proxy"):
            send(client, {"type": "error", "code": 12, "text": "malformed", "in_reply_to": ref})
        else:
            send(client, {"type": "error", "code": 10, "text": "not supported", "in_reply_to": ref})


for line in sys.stdin:
    try:
        message = json.loads(line)
        src, body = message["src"], message["body"]
        if "in_reply_to" in body:
            with lock:
                waiter = calls.pop(body["in_reply_to"], None)
            if waiter:
                waiter.put(body)
        elif body.get("type") == "init":
            name = body["node_id"]
            send(src, {"type": "init_ok", "in_reply_to": body["msg_id"]})
        else:
            if src not in boxes:
                boxes[src] = queue.Queue()
                workers.append(threading.Thread(target=serve, args=(src, boxes[src])))
                workers[-1].start()
            boxes[src].put(body)
    except Exception as error:
        print("bad line:", error, file=sys.stderr)
for box in boxes.values():
    box.put(None)
for worker in workers:  # those started meanwhile are in the list too
    worker.join()
