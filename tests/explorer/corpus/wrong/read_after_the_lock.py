# corpus: the count goes up under the lock, and is read when the lock is let go: another has counted in between
# finds: data-race
# misconception: read-outside-the-lock
# preemptions: 1
# outcome: duplicate-msg-id
# lines: 22 23
# workload: two-echoes
import json
import sys
import threading
from functools import partial
from queue import SimpleQueue


class Counted:
    def __init__(self):
        self.lock = threading.Lock()
        self.last = -1

    def next(self):
        with self.lock:
            self.last += 1
        return self.last


ids, calls, jobs = Counted(), {}, SimpleQueue()
writing = threading.Lock()
node = None


def write(dest, body, msg_id):
    with writing:
        print(json.dumps({"src": node, "dest": dest, "body": {**body, "msg_id": msg_id}}), flush=True)


def answer(src, ref, body):
    write(src, {**body, "in_reply_to": ref}, ids.next())


def proxy(src, body):
    number = ids.next()
    letter = calls[number] = SimpleQueue()
    write(body["target"], body["inner"], number)
    try:
        answer(src, body["msg_id"], {"type": "proxy_ok", "result": letter.get(timeout=1)})
    except Exception:
        answer(src, body["msg_id"], {"type": "error", "code": 0, "text": "no reply"})


def work():
    while job := jobs.get():
        job()


crew = [threading.Thread(target=work, name=f"crew-{n}") for n in range(3)]
for member in crew:
    member.start()
for line in sys.stdin:
    message = json.loads(line)
    src, body = message["src"], message["body"]
    if body["type"] == "init":
        node = body["node_id"]
        answer(src, body["msg_id"], {"type": "init_ok"})
    elif "in_reply_to" in body:
        if body["in_reply_to"] in calls:
            calls[body["in_reply_to"]].put(body)
    elif body["type"] == "proxy":
        jobs.put(partial(proxy, src, body))
    elif body["type"] == "echo":
        jobs.put(partial(answer, src, body["msg_id"], {"type": "echo_ok", "echo": body["echo"]}))
    else:
        jobs.put(partial(answer, src, body["msg_id"], {"type": "error", "code": 10, "text": "not supported"}))
for member in crew:
    jobs.put(None)
for member in crew:
    member.join()
