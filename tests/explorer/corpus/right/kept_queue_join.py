# corpus: daemon workers on a queue; the end waits by queue.join for every task_done
# finds: nothing
# suites: rpc maelstrom-echo
import json
import os
import queue
import threading

inbox, outbox = queue.Queue(), queue.Queue()
waiting = {}
name = ""


def write():
    number = 0
    while True:
        dest, body, slot = outbox.get()
        if slot:
            waiting[number] = slot
        os.write(1, json.dumps({"src": name, "dest": dest, "body": {**body, "msg_id": number}}).encode() + b"\n")
        number += 1
        outbox.task_done()


def answer(message, **body):
    outbox.put((message["src"], {**body, "in_reply_to": message["body"]["msg_id"]}, None))


def work():
    while True:
        message = inbox.get()
        body = message["body"]
        if body["type"] == "echo":
            answer(message, type="echo_ok", echo=body["echo"])
        elif body["type"] == "proxy":
            threading.Thread(target=ask, args=(message,), daemon=True).start()
            continue  # it says itself when it is done
        else:
            answer(message, type="error", code=10, text="not supported")
        inbox.task_done()


def ask(message):
    slot = queue.Queue()
    outbox.put((message["body"]["target"], message["body"]["inner"], slot))
    try:
        answer(message, type="proxy_ok", result=slot.get(timeout=1))
    except queue.Empty:
        answer(message, type="error", code=0, text="no reply")
    inbox.task_done()


for job in (write, work, work, work):
    threading.Thread(target=job, daemon=True).start()
with os.fdopen(0) as stdin:
    for line in stdin:
        message = json.loads(line)
        body = message["body"]
        if body["type"] == "init":
            name = body["node_id"]
            answer(message, type="init_ok")
        elif "in_reply_to" in body:
            slot = waiting.pop(body["in_reply_to"], None)
            if slot:
                slot.put(body)
        else:
            inbox.put(message)
inbox.join()
outbox.join()
