# corpus: workers on a queue; each reads the next number, builds its line, and stores number + 1
# finds: data-race
# misconception: nobody-comes-between
# preemptions: 1
# outcome: duplicate-msg-id
# lines: 20 24
# workload: two-echoes
import json
import os
import queue
import threading

state = {"name": None, "next": 0}
requests = queue.Queue()
slots = {}
stdout = threading.Lock()


def emit(dest, body, slot=None):
    number = state["next"]
    if slot is not None:
        slots[number] = slot
    envelope = {"src": state["name"], "dest": dest, "body": dict(body, msg_id=number)}
    state["next"] = number + 1
    with stdout:
        os.write(1, json.dumps(envelope).encode() + b"\n")
    return number


def serve(request):
    body = request["body"]
    if body["type"] == "echo":
        result = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] == "proxy":
        slot = queue.SimpleQueue()
        emit(body["target"], body["inner"], slot)
        try:
            result = {"type": "proxy_ok", "result": slot.get(timeout=1)}
        except queue.Empty:
            result = {"type": "error", "code": 0}
    else:
        result = {"type": "error", "code": 10}
    emit(request["src"], dict(result, in_reply_to=body["msg_id"]))


def work():
    while (request := requests.get()) is not None:
        serve(request)


workers = [threading.Thread(target=work, name=f"worker {n}") for n in range(4)]
for worker in workers:
    worker.start()
rest = b""
while chunk := os.read(0, 65536):
    *lines, rest = (rest + chunk).split(b"\n")
    for line in lines:
        message = json.loads(line)
        if message["body"]["type"] == "init":
            state["name"] = message["body"]["node_id"]
            emit(message["src"], {"type": "init_ok", "in_reply_to": message["body"]["msg_id"]})
        elif "in_reply_to" in message["body"]:
            if (slot := slots.pop(message["body"]["in_reply_to"], None)) is not None:
                slot.put(message["body"])
        else:
            requests.put(message)
for _ in workers:
    requests.put(None)
for worker in workers:
    worker.join()
