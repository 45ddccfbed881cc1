# corpus: a thread for each message, each waits for the event of the one before; a reply is stored without the lock, and only then is the condition notified
# finds: nothing
# suites: async-handler rpc maelstrom-echo
import json
import sys
import threading


class Slot:
    def __init__(self):
        self.cond = threading.Condition()
        self.body = None

    def put(self, body):
        self.body = body  # who looks sees it now, and who waits is told after it
        with self.cond:
            self.cond.notify_all()

    def get(self, seconds):
        if self.body is None:  # no need to wait, mostly for peers that are quick
            with self.cond:
                self.cond.wait_for(lambda: self.body is not None, seconds)
        return self.body


pen = threading.Lock()
number = 0
slots = {}
name = None


def write(dest, body, slot=None):
    global number
    with pen:
        mine = number
        number += 1
        if slot is not None:
            slots[mine] = slot
        print(json.dumps({"src": name, "dest": dest, "body": {**body, "msg_id": mine}}), flush=True)
    return mine


def echo(src, body, before, mine):
    try:
        if body["type"] == "init":
            reply = {"type": "init_ok"}
        elif body["type"] == "echo" and "echo" in body:
            reply = {"type": "echo_ok", "echo": body["echo"]}
        else:
            code = 12 if body["type"] in ("echo", "proxy") else 10
            reply = {"type": "error", "code": code, "text": "no"}
        before.wait()
        write(src, {**reply, "in_reply_to": body["msg_id"]})
    finally:
        mine.set()


def proxy(src, body):
    slot = Slot()
    mine = write(body["target"], body["inner"], slot)
    result = slot.get(1.0)
    slots.pop(mine, None)
    if result is None:
        reply = {"type": "error", "code": 0, "text": "timeout"}
    else:
        reply = {"type": "proxy_ok", "result": result}
    write(src, {**reply, "in_reply_to": body["msg_id"]})


def main():
    global name
    before = threading.Event()
    before.set()
    for line in sys.stdin:
        try:
            message = json.loads(line)
            src, body = message["src"], message["body"]
            kind = body["type"]
        except (ValueError, TypeError, KeyError):
            continue
        if "in_reply_to" in body:
            slot = slots.pop(body["in_reply_to"], None)
            if slot is not None:
                slot.put(body)
        elif kind == "proxy" and "target" in body and "inner" in body:
            threading.Thread(target=proxy, args=(src, body)).start()
        else:
            if kind == "init":
                name = body["node_id"]
            mine = threading.Event()
            threading.Thread(target=echo, args=(src, body, before, mine)).start()
            before = mine


main()
