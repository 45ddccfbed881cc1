# corpus: echoes one at a time; the reader sees the place taken, and waits for a signal that has come in between
# finds: deadlock
# misconception: signal-nobody-heard
# preemptions: 1
# outcome: no-reply
# lines: 36 59 61
# workload: two-echoes
import json
import sys
import threading
from itertools import count
from queue import Empty, SimpleQueue

ids = count()
stdout = threading.Lock()
room = threading.Condition()
busy = False
slots = {}
name = None


def write(dest, number, body):
    with stdout:
        print(json.dumps({"src": name, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)


def reply(message, body):
    write(message["src"], next(ids), {**body, "in_reply_to": message["body"]["msg_id"]})


def echo(message):
    global busy
    reply(message, {"type": "echo_ok", "echo": message["body"]["echo"]})
    with room:
        busy = False
        room.notify()


def proxy(message):
    number, slot = next(ids), SimpleQueue()
    slots[number] = slot
    write(message["body"]["target"], number, message["body"]["inner"])
    try:
        reply(message, {"type": "proxy_ok", "result": slot.get(timeout=1)})
    except Empty:
        reply(message, {"type": "error", "code": 0, "text": "no reply"})


for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        name = body["node_id"]
        reply(message, {"type": "init_ok"})
    elif "in_reply_to" in body:
        if slot := slots.pop(body["in_reply_to"], None):
            slot.put(body)
    elif body["type"] == "echo":
        if busy:
            with room:
                room.wait()
        busy = True
        threading.Thread(target=echo, args=(message,)).start()
    elif body["type"] == "proxy":
        threading.Thread(target=proxy, args=(message,)).start()
    else:
        reply(message, {"type": "error", "code": 10, "text": "not supported"})
