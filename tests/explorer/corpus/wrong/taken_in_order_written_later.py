# corpus: a thread a message; what may be said is taken in order under the lock, and written once the lock is let go
# finds: wrong-order
# misconception: none
# preemptions: 1
# outcome: wrong-order
# lines: 33 42
# workload: three-in-order
import json
import os
import queue
import sys
import threading

node_id = None
lock = threading.Lock()  # guards all that follows
turns = head = next_id = 0
said = {}
slots = {}


def new_turn():
    global turns
    with lock:
        turns += 1
        return turns - 1


def say(turn, message, slot=None):
    """End this turn. What all turns up to the first open one have said is written, in their order."""
    global head, next_id
    lines = ""
    with lock:
        said[turn] = message, slot
        while head in said:
            (dest, body), slot = said.pop(head)
            head += 1
            if slot:
                slots[next_id] = slot
            message = {"src": node_id, "dest": dest, "body": {**body, "msg_id": next_id}}
            next_id += 1
            lines += json.dumps(message) + "\n"
    os.write(1, lines.encode())


def handle(turn, message):
    body = message["body"]
    answer = {"type": "error", "code": 10, "text": "not supported"}
    if body["type"] == "echo":
        answer = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] == "proxy":
        slot = queue.SimpleQueue()
        say(turn, (body["target"], body["inner"]), slot)
        try:
            answer = {"type": "proxy_ok", "result": slot.get(timeout=1)}
        except queue.Empty:
            answer = {"type": "error", "code": 0, "text": "no reply"}
        turn = new_turn()
    say(turn, (message["src"], {**answer, "in_reply_to": body["msg_id"]}))


threads = []
for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        node_id = body["node_id"]
        say(new_turn(), (message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"]}))
    elif "in_reply_to" in body:
        slot = slots.pop(body["in_reply_to"], None)
        if slot:
            slot.put(body)
    else:
        threads.append(threading.Thread(target=handle, args=(new_turn(), message)))
        threads[-1].start()
for thread in threads:
    thread.join()
