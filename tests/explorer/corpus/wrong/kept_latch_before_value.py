# corpus: the reader opens the waiting handler's latch before it puts the reply into the slot
# finds: data-race
# misconception: none
# preemptions: 1
# outcome: wrong-payload
# lines: 26 36 51
# workload: proxy-held
import json
import sys
import _thread

lock = _thread.allocate_lock()
slots = {}  # number -> [latch, reply]
counter = [0]
alive = [0]
name = ""


def send(dest, body, slot=None):
    with lock:
        body["msg_id"] = counter[0]
        counter[0] += 1
        if slot:
            slots[body["msg_id"]] = slot
        sys.stdout.write("%s\n" % json.dumps({"src": name, "dest": dest, "body": body}))
        sys.stdout.flush()
    return body["msg_id"]


def proxy(src, body, over):
    latch = _thread.allocate_lock()
    latch.acquire()
    slot = [latch, None]
    number = send(body["target"], dict(body["inner"]), slot)
    if latch.acquire(True, 1.0):
        answer = {"type": "proxy_ok", "result": slot[1]}
    else:
        with lock:
            slots.pop(number, None)
        answer = {"type": "error", "code": 0, "text": "timeout"}
    answer["in_reply_to"] = body["msg_id"]
    send(src, answer)
    over.release()


def deliver(body):
    with lock:
        slot = slots.pop(body["in_reply_to"], None)
    if slot:
        slot[0].release()
        slot[1] = body


def main():
    global name
    running = []
    for line in sys.stdin:
        try:
            msg = json.loads(line)
            src, body = msg["src"], msg["body"]
            kind = body["type"]
        except (ValueError, TypeError, KeyError):
            continue
        if "in_reply_to" in body:
            deliver(body)
            continue
        if kind == "proxy" and "target" in body and "inner" in body:
            over = _thread.allocate_lock()
            over.acquire()
            running.append(over)
            _thread.start_new_thread(proxy, (src, body, over))
            continue
        if kind == "init":
            name = body["node_id"]
            answer = {"type": "init_ok"}
        elif kind == "echo" and "echo" in body:
            answer = {"type": "echo_ok", "echo": body["echo"]}
        else:
            answer = {"type": "error", "code": 12 if kind in ("echo", "proxy") else 10, "text": "sorry"}
        answer["in_reply_to"] = body["msg_id"]
        send(src, answer)
    for over in running:
        over.acquire()


main()
