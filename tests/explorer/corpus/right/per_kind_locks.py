# corpus: each kind of message has its counter and its lock, all made before any thread starts
# finds: nothing
# suites: rpc maelstrom-echo
import json
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late

KINDS = ["init_ok", "echo_ok", "proxy_ok", "error", "call"]
locks = {kind: threading.Lock() for kind in KINDS}
counts = dict.fromkeys(KINDS, 0)
calls = {}
out = threading.Lock()
ME = None


def number(kind):
    with locks[kind]:
        counts[kind] = counts[kind] + 1
        return 10 * counts[kind] + KINDS.index(kind)


def write(dest, body):
    with out:
        sys.stdout.write(json.dumps({"src": ME, "dest": dest, "body": body}) + "\n")
        sys.stdout.flush()


def answer(request, kind, **more):
    write(request["src"], {"type": kind, "msg_id": number(kind), "in_reply_to": request["body"]["msg_id"], **more})


def echo(request):
    answer(request, "echo_ok", echo=request["body"]["echo"])


def proxy(request):
    n, call = number("call"), Future()
    calls[n] = call
    write(request["body"]["target"], {**request["body"]["inner"], "msg_id": n})
    try:
        answer(request, "proxy_ok", result=call.result(timeout=1))
    except Late:
        answer(request, "error", code=0, text="timeout")


def unknown(request):
    answer(request, "error", code=10, text="unknown")


pool = ThreadPoolExecutor(1024)
for line in sys.stdin:
    message = json.loads(line)
    kind = message["body"]["type"]
    if kind == "init":
        ME = message["body"]["node_id"]
        answer(message, "init_ok")
    elif "in_reply_to" in message["body"]:
        call = calls.pop(message["body"]["in_reply_to"], None)
        if call:
            call.set_result(message["body"])
    else:
        pool.submit({"echo": echo, "proxy": proxy}.get(kind, unknown), message)
pool.shutdown(wait=True)
