# corpus: a daemon worker serves what the reader puts into a queue; at the end nobody waits until the queue is empty
# finds: lost-at-eof
# misconception: queue-never-drained
# preemptions: 0
# outcome: lost-at-eof
# lines: 64
# workload: ends-early
import json
import queue
import sys
import threading

inbox = queue.Queue()
state = {"id": None, "next": 0}
waiting = {}


def write(dest, body):
    number = state["next"]
    state["next"] += 1
    print(json.dumps({"src": state["id"], "dest": dest, "body": {**body, "msg_id": number}}), flush=True)
    return number


def reply(src, ref, body):
    write(src, {**body, "in_reply_to": ref})


def expire(number):
    inbox.put({"src": "clock", "body": {"type": "expired", "number": number}})


def serve(src, body):
    if "in_reply_to" in body:
        client, ref = waiting.pop(body["in_reply_to"], (None, None))
        if client:
            reply(client, ref, {"type": "proxy_ok", "result": body})
    elif body["type"] == "expired":
        client, ref = waiting.pop(body["number"], (None, None))
        if client:
            reply(client, ref, {"type": "error", "code": 0, "text": "no reply"})
    elif body["type"] == "init":
        state["id"] = body["node_id"]
        reply(src, body["msg_id"], {"type": "init_ok"})
    elif body["type"] == "echo":
        reply(src, body["msg_id"], {"type": "echo_ok", "echo": body["echo"]})
    elif body["type"] == "proxy":
        number = write(body["target"], body["inner"])
        waiting[number] = (src, body["msg_id"])
        threading.Timer(1, expire, (number,)).start()
    else:
        reply(src, body["msg_id"], {"type": "error", "code": 10, "text": "not supported"})


def work():
    while True:
        message = inbox.get()
        serve(message["src"], message["body"])
        inbox.task_done()


threading.Thread(target=work, daemon=True).start()
for line in sys.stdin:
    inbox.put(json.loads(line))
