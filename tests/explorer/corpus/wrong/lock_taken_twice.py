# corpus: where the peer's reply is there already, the handler answers under the lock, and reply() takes it again
# finds: deadlock
# misconception: lock-taken-twice
# preemptions: 1
# outcome: no-reply
# lines: 27
# workload: proxy-held
import json
import sys
import threading

lock = threading.Lock()
arrived = threading.Condition(lock)
replies = {}
asked = set()
state = {"id": None, "next": 0}


def write(dest, body):
    number = state["next"]
    state["next"] += 1
    print(json.dumps({"src": state["id"], "dest": dest, "body": {**body, "msg_id": number}}), flush=True)
    return number


def reply(message, body):
    with lock:
        write(message["src"], {**body, "in_reply_to": message["body"]["msg_id"]})


def proxy(message):
    with lock:
        number = write(message["body"]["target"], message["body"]["inner"])
        asked.add(number)
    with lock:
        if number in replies:  # a quick peer
            reply(message, {"type": "proxy_ok", "result": replies.pop(number)})
            return
        came = arrived.wait_for(lambda: number in replies, timeout=1)
        result = replies.pop(number, None)
    if came:
        reply(message, {"type": "proxy_ok", "result": result})
    else:
        reply(message, {"type": "error", "code": 0, "text": "no reply"})


def handle(message):
    body = message["body"]
    if body["type"] == "proxy":
        proxy(message)
    elif body["type"] == "echo":
        reply(message, {"type": "echo_ok", "echo": body["echo"]})
    else:
        reply(message, {"type": "error", "code": 10, "text": "not supported"})


for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        state["id"] = body["node_id"]
        reply(message, {"type": "init_ok"})
    elif "in_reply_to" in body:
        with lock:
            if body["in_reply_to"] in asked:
                replies[body["in_reply_to"]] = body
                arrived.notify_all()
    else:
        threading.Thread(target=handle, args=(message,)).start()
