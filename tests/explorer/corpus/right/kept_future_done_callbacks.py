# corpus: nobody waits: the reply's future has a callback that answers; a timer sets it to an error, and set_result is one step
# finds: nothing
# suites: rpc maelstrom-echo
import itertools
import json
import sys
import threading
from concurrent.futures import Future, InvalidStateError, ThreadPoolExecutor

ids = itertools.count()
stdout = threading.Lock()
calls = {}
node = {}
pool = ThreadPoolExecutor(4)
LATE = {"type": "error", "code": 0, "text": "no reply"}


def write(dest, body, number):
    with stdout:
        print(json.dumps({"src": node["id"], "dest": dest, "body": {**body, "msg_id": number}}), flush=True)


def settle(call, body):
    try:
        call.set_result(body)
    except InvalidStateError:
        pass  # the other was first


def proxy(request):
    number, call = next(ids), Future()
    calls[number] = call
    timer = threading.Timer(1, settle, (call, LATE))

    def answer(done):
        timer.cancel()
        calls.pop(number, None)
        write(request["src"], {**done.result(), "in_reply_to": request["body"]["msg_id"]}, next(ids))

    call.add_done_callback(answer)
    write(request["body"]["target"], request["body"]["inner"], number)
    timer.start()


def echo(request):
    body = {"type": "echo_ok", "echo": request["body"]["echo"], "in_reply_to": request["body"]["msg_id"]}
    write(request["src"], body, next(ids))


for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        node["id"] = body["node_id"]
        write(message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"]}, next(ids))
    elif "in_reply_to" in body:
        call = calls.get(body["in_reply_to"])
        if call:
            settle(call, {"type": "proxy_ok", "result": body})
    elif body["type"] in ("echo", "proxy"):
        pool.submit(echo if body["type"] == "echo" else proxy, message)
    else:
        write(message["src"], {"type": "error", "code": 10, "in_reply_to": body["msg_id"]}, next(ids))
pool.shutdown()
