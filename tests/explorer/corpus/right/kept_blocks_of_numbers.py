# corpus: every thread takes numbers from a block of ten of its own; a new block is taken under the lock
# finds: nothing
# suites: rpc maelstrom-echo
import json
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late


class Ids:
    """Numbers in blocks of ten a thread; a new block is taken under the lock."""

    def __init__(self):
        self.lock = threading.Lock()
        self.next_block = 0
        self.mine = threading.local()

    def take(self):
        left = getattr(self.mine, "left", [])
        if not left:
            with self.lock:
                first = self.next_block
                self.next_block = first + 10
            left = self.mine.left = list(range(first + 9, first - 1, -1))
        return left.pop()


ids, calls, stdout, node = Ids(), {}, threading.Lock(), {}


def write(dest, number, body):
    with stdout:
        sys.stdout.write(json.dumps({"src": node["id"], "dest": dest, "body": {**body, "msg_id": number}}) + "\n")
        sys.stdout.flush()


def serve(src, body):
    if body["type"] == "echo":
        answer = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] == "proxy":
        number, call = ids.take(), Future()
        calls[number] = call
        write(body["target"], number, body["inner"])
        try:
            answer = {"type": "proxy_ok", "result": call.result(timeout=1)}
        except Late:
            answer = {"type": "error", "code": 0, "text": "no reply"}
    else:
        answer = {"type": "error", "code": 10, "text": "not supported"}
    write(src, ids.take(), {**answer, "in_reply_to": body["msg_id"]})


with ThreadPoolExecutor(max_workers=1100) as pool:
    for line in sys.stdin:
        message = json.loads(line)
        src, body = message["src"], message["body"]
        if body["type"] == "init":
            node["id"] = body["node_id"]
            write(src, ids.take(), {"type": "init_ok", "in_reply_to": body["msg_id"]})
        elif "in_reply_to" in body:
            call = calls.pop(body["in_reply_to"], None)
            if call is not None:
                call.set_result(body)
        else:
            pool.submit(serve, src, body)
