# corpus: actor-like store with locked get and put; the caller adds one between the two calls
# finds: data-race
# misconception: lock-let-go-between
# preemptions: 1
# outcome: duplicate-msg-id
# lines: 22 26
# workload: two-echoes
import json
import sys
import threading
from queue import Empty, SimpleQueue


class Store:
    """Every access is guarded, so it is safe to use from any thread."""

    def __init__(self):
        self.lock, self.data = threading.RLock(), {}

    def get(self, key, default=None):
        with self.lock:
            return self.data.get(key, default)

    def put(self, key, value):
        with self.lock:
            self.data[key] = value

    def take(self, key):
        with self.lock:
            return self.data.pop(key, None)


store, stdout = Store(), threading.Lock()


def number():
    n = store.get("msg_id", 0)
    store.put("msg_id", n + 1)
    return n


def say(dest, body):
    with stdout:
        sys.stdout.write(json.dumps({"src": store.get("name"), "dest": dest, "body": body}) + "\n")
        sys.stdout.flush()


def answer(src, body):
    if body["type"] == "echo":
        said = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] == "proxy":
        n, slot = number(), SimpleQueue()
        store.put(("slot", n), slot)
        say(body["target"], {**body["inner"], "msg_id": n})
        try:
            said = {"type": "proxy_ok", "result": slot.get(timeout=1)}
        except Empty:
            store.take(("slot", n))
            said = {"type": "error", "code": 0, "text": "no answer"}
    else:
        said = {"type": "error", "code": 10, "text": "what?"}
    say(src, {**said, "in_reply_to": body["msg_id"], "msg_id": number()})


for line in iter(sys.stdin.readline, ""):
    message = json.loads(line)
    src, body = message["src"], message["body"]
    if body["type"] == "init":
        store.put("name", body["node_id"])
        say(src, {"type": "init_ok", "in_reply_to": body["msg_id"], "msg_id": number()})
    elif "in_reply_to" in body:
        slot = store.take(("slot", body["in_reply_to"]))
        if slot is not None:
            slot.put(body)
    else:
        threading.Thread(target=answer, args=(src, body)).start()
