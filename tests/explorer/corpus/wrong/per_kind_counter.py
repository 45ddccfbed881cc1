# corpus: each kind of message is numbered by itself; counts.get and the store are two steps
# finds: data-race
# misconception: nobody-comes-between
# preemptions: 1
# outcome: duplicate-msg-id
# lines: 21 22
# workload: two-echoes
import json
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

KINDS = ["init_ok", "echo_ok", "proxy_ok", "error", "call"]
counts = {}
calls = {}
out = Lock()
ME = None


def number(kind):
    counts[kind] = counts.get(kind, 0) + 1
    return 10 * counts[kind] + KINDS.index(kind)


def write(dest, body):
    with out:
        sys.stdout.write(json.dumps({"src": ME, "dest": dest, "body": body}) + "\n")
        sys.stdout.flush()


def answer(request, kind, **more):
    body = {"type": kind, "msg_id": number(kind), "in_reply_to": request["body"]["msg_id"], **more}
    write(request["src"], body)


def echo(request):
    answer(request, "echo_ok", echo=request["body"]["echo"])


def proxy(request):
    n, call = number("call"), Future()
    calls[n] = call
    write(request["body"]["target"], {**request["body"]["inner"], "msg_id": n})
    try:
        result = call.result(timeout=1)
    except TimeoutError:
        answer(request, "error", code=0, text="timeout")
    else:
        answer(request, "proxy_ok", result=result)


def unknown(request):
    answer(request, "error", code=10, text="unknown")


pool = ThreadPoolExecutor(32)
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
