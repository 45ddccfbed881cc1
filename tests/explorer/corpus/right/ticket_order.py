# corpus: a thread a message; each waits for the ticket before its own before it writes, so the order of reading is kept
# finds: nothing
# suites: async-handler rpc maelstrom-echo
import json
import queue
import sys
import threading

node = {"id": None, "next": 0}
lock = threading.Lock()
slots = {}


def send(dest, body, slot=None):
    with lock:
        number = node["next"]
        node["next"] += 1
        if slot is not None:
            slots[number] = slot
        print(json.dumps({"src": node["id"], "dest": dest, "body": {**body, "msg_id": number}}), flush=True)


def answer_to(body):
    """The answer, once those who came before have spoken: what it is, or a call to make first."""
    if body.get("type") == "echo":
        return {"type": "echo_ok", "echo": body["echo"]}
    if body.get("type") == "proxy":
        return body["target"], body["inner"]
    return {"type": "error", "code": 10, "text": "not supported"}


def handle(src, body, before, mine):
    try:
        answer = answer_to(body)
    except KeyError as missing:
        answer = {"type": "error", "code": 12, "text": f"{missing} is missing"}
    before.wait()
    if isinstance(answer, tuple):
        slot = queue.SimpleQueue()
        send(*answer, slot)
        mine.set()
        try:
            answer = {"type": "proxy_ok", "result": slot.get(timeout=1)}
        except queue.Empty:
            answer = {"type": "error", "code": 0, "text": "no reply"}
    send(src, {**answer, "in_reply_to": body["msg_id"]})
    mine.set()


last = threading.Event()
last.set()
for line in sys.stdin:
    try:
        message = json.loads(line)
        src, body = message["src"] + "", message["body"]
        kind = body.get("type")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        print("not a message:", repr(error), file=sys.stderr)
        continue
    if kind == "init":
        node["id"] = body["node_id"]
        send(src, {"type": "init_ok", "in_reply_to": body["msg_id"]})
    elif "in_reply_to" in body:
        with lock:
            slot = slots.pop(body["in_reply_to"], None)
        if slot:
            slot.put(body)
    elif "msg_id" in body:
        before, last = last, threading.Event()
        threading.Thread(target=handle, args=(src, body, before, last)).start()
