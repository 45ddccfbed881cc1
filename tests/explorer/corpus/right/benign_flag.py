# corpus: a plain flag, written by the reader alone and read by workers that wake every now and then
# finds: nothing
# suites: rpc maelstrom-echo
import json
import queue
import sys
import threading

closing = False
jobs = queue.Queue()
waiting = {}
out = threading.Lock()
counter = iter(range(10**9))
name = None


def write(dest, body, box=None):
    with out:
        number = next(counter)
        if box is not None:
            waiting[number] = box
        print(json.dumps({"src": name, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)


def proxy(src, body):
    box = queue.Queue()
    write(body["target"], body["inner"], box)
    try:
        answer = {"type": "proxy_ok", "result": box.get(timeout=1)}
    except queue.Empty:
        answer = {"type": "error", "code": 0, "text": "no reply"}
    write(src, {**answer, "in_reply_to": body["msg_id"]})


def work():
    while True:
        try:
            src, body = jobs.get(timeout=0.2)
        except queue.Empty:
            if closing and jobs.empty():  # all was put before closing was set
                return
            continue
        if body["type"] == "proxy":
            threading.Thread(target=proxy, args=(src, body)).start()
        elif body["type"] == "echo":
            write(src, {"type": "echo_ok", "echo": body["echo"], "in_reply_to": body["msg_id"]})
        else:
            write(src, {"type": "error", "code": 10, "text": "no", "in_reply_to": body["msg_id"]})


workers = [threading.Thread(target=work) for _ in range(3)]
for worker in workers:
    worker.start()
for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        name = body["node_id"]
        write(message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"]})
    elif "in_reply_to" in body:
        if (box := waiting.pop(body["in_reply_to"], None)) is not None:
            box.put(body)
    else:
        jobs.put((message["src"], body))
closing = True
for worker in workers:
    worker.join()
