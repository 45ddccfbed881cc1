#!/usr/bin/env python3
# corpus: init is handled in a thread of its own and takes 50 ms; right for whoever waits for init_ok
# expect: passed
# suites: rpc maelstrom-echo
# note: in the canonical exchange echoes follow init at once, and must be answered after it
import json, sys, threading, time

lock = threading.Lock()
state = {"node_id": None, "next": 0}
pending = {}    # msg_id -> [event, body]
threads = []


def log(*args):
    print(*args, file=sys.stderr)


def send(dest, body, entry=None):
    with lock:
        msg_id = state["next"]
        state["next"] = msg_id + 1
        if entry:
            pending[msg_id] = entry
        sys.stdout.write(json.dumps({"src": state["node_id"], "dest": dest, "body": {**body, "msg_id": msg_id}}) + "\n")
        sys.stdout.flush()
    return msg_id


def reply(msg, body):
    send(msg["src"], {**body, "in_reply_to": msg["body"]["msg_id"]})


def on_init(msg):
    def work():
        time.sleep(0.05)
        state["node_id"] = msg["body"]["node_id"]
        reply(msg, {"type": "init_ok"})
    threads.append(threading.Thread(target=work))
    threads[-1].start()


def on_echo(msg):
    reply(msg, {"type": "echo_ok", "echo": msg["body"]["echo"]})


def on_proxy(msg):
    target, inner = msg["body"]["target"], dict(msg["body"]["inner"])

    def wait():
        if entry[0].wait(1.0):
            reply(msg, {"type": "proxy_ok", "result": entry[1]})
            return
        with lock:
            pending.pop(msg_id, None)
        reply(msg, {"type": "error", "code": 0, "text": "timeout"})

    entry = [threading.Event(), None]
    msg_id = send(target, inner, entry)
    threads.append(threading.Thread(target=wait))
    threads[-1].start()


HANDLERS = {"init": on_init, "echo": on_echo, "proxy": on_proxy}

for line in sys.stdin:
    try:
        msg = json.loads(line)
        src, body = msg["src"], msg["body"]
        body.get("type")
    except Exception as e:
        log("ignored", line[:100], e)
        continue
    if "in_reply_to" in body:
        with lock:
            entry = pending.pop(body["in_reply_to"], None)
        if entry:
            entry[1] = body
            entry[0].set()
    elif body.get("type") not in HANDLERS:
        reply(msg, {"type": "error", "code": 10, "text": "not supported"})
    else:
        try:
            HANDLERS[body["type"]](msg)
        except (KeyError, TypeError, ValueError) as e:
            reply(msg, {"type": "error", "code": 12, "text": f"malformed: {e!r}"})

for thread in threads:
    thread.join()
