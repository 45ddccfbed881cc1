# corpus: two proxies may each make a table for the peer, but setdefault lets one of them win, and both use that
# finds: nothing
# suites: rpc maelstrom-echo
import itertools
import json
import queue
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

ids = itertools.count()
stdout = threading.Lock()
peers = {}  # peer -> its calls: msg_id -> queue
me = {}


def write(dest, number, body):
    with stdout:
        print(json.dumps({"src": me["id"], "dest": dest, "body": {**body, "msg_id": number}}), flush=True)


def proxy(body):
    number, box = next(ids), queue.SimpleQueue()
    calls = peers.setdefault(body["target"], {})
    calls[number] = box
    write(body["target"], number, body["inner"])
    try:
        return {"type": "proxy_ok", "result": box.get(timeout=1)}
    except queue.Empty:
        return {"type": "error", "code": 0, "text": "peer did not answer"}


def serve(src, body):
    if body["type"] == "init":
        me["id"] = body["node_id"]
        answer = {"type": "init_ok"}
    elif body["type"] == "proxy":
        answer = proxy(body)
    elif body["type"] == "echo":
        answer = {"type": "echo_ok", "echo": body["echo"]}
    else:
        answer = {"type": "error", "code": 10, "text": "not supported"}
    write(src, next(ids), {**answer, "in_reply_to": body["msg_id"]})


with ThreadPoolExecutor(max_workers=1100) as pool:
    for line in sys.stdin:
        message = json.loads(line)
        src, body = message["src"], message["body"]
        if "in_reply_to" in body:
            box = peers.get(src, {}).pop(body["in_reply_to"], None)
            if box:
                box.put(body)
        elif body["type"] == "init":
            serve(src, body)
        else:
            pool.submit(serve, src, body)
