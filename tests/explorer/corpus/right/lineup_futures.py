# corpus: handlers run in a pool and finish as they like; one thread takes their futures in the order of asking, and it alone numbers and writes
# finds: nothing
# suites: async-handler rpc maelstrom-echo
import json
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from queue import Queue
from threading import Thread

line_up = Queue()  # futures of (dest, body), or (dest, body, future of the reply)
calls = {}  # the writer's and the reader's: one stores, one pops
pool = ThreadPoolExecutor(3)
name = None


def writer():
    number = 0
    while (item := line_up.get()) is not None:
        ready, call = item
        dest, body = ready.result()
        if call is not None:
            calls[number] = call
        body["msg_id"] = number
        number += 1
        sys.stdout.write(json.dumps({"src": name, "dest": dest, "body": body}) + "\n")
        sys.stdout.flush()


def done(value):
    future = Future()
    future.set_result(value)
    return future


def handle(src, body):
    if body["type"] == "echo" and "echo" in body:
        return src, {"type": "echo_ok", "echo": body["echo"], "in_reply_to": body["msg_id"]}
    code = 12 if body["type"] in ("echo", "proxy") else 10
    return src, {"type": "error", "code": code, "text": "no", "in_reply_to": body["msg_id"]}


def proxy(src, body):
    call = Future()
    line_up.put((done((body["target"], dict(body["inner"]))), call))
    try:
        answer = {"type": "proxy_ok", "result": call.result(timeout=1)}
    except Late:
        answer = {"type": "error", "code": 0, "text": "timeout"}
    line_up.put((done((src, {**answer, "in_reply_to": body["msg_id"]})), None))


def main():
    global name
    scribe = Thread(target=writer)
    scribe.start()
    proxies = []
    for line in sys.stdin:
        try:
            message = json.loads(line)
            src, body = message["src"], message["body"]
            kind = body["type"]
        except (ValueError, TypeError, KeyError):
            continue
        if "in_reply_to" in body:
            call = calls.pop(body["in_reply_to"], None)
            if call is not None:
                call.set_result(body)
        elif kind == "init":
            name = body["node_id"]
            line_up.put((done((src, {"type": "init_ok", "in_reply_to": body["msg_id"]})), None))
        elif kind == "proxy" and "target" in body and "inner" in body:
            proxies.append(Thread(target=proxy, args=(src, body)))
            proxies[-1].start()
        else:
            line_up.put((pool.submit(handle, src, body), None))
    for thread in proxies:
        thread.join()
    line_up.put(None)
    scribe.join()
    pool.shutdown()


main()
