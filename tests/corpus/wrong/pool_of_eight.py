# corpus: eight workers answer the echoes; a worker takes longer for an even checksum than for an odd one
# expect: wrong-order
# suites: async-handler
# note: certain in the burst
import itertools
import json
import sys
import threading
import time
import zlib
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout

threading.stack_size(512 * 1024)
out_lock = threading.Lock()
numbers = itertools.count()
asked: "dict[int, Future]" = {}
me = "?"


def emit(dest, future=None, /, **body):
    with out_lock:
        number = next(numbers)
        if future is not None:
            asked[number] = future
        body["msg_id"] = number
        sys.stdout.write(json.dumps({"src": me, "dest": dest, "body": body}) + "\n")
        sys.stdout.flush()
    return number


def quick(message):
    global me
    body = message["body"]
    client, ref = message["src"], body["msg_id"]
    if body["type"] == "init":
        me = body["node_id"]
        emit(client, type="init_ok", in_reply_to=ref)
    elif body["type"] != "echo":
        emit(client, type="error", code=10, text="unsupported", in_reply_to=ref)
    elif "echo" not in body:
        emit(client, type="error", code=12, text="echo needs echo", in_reply_to=ref)
    else:
        time.sleep(0.01 if zlib.crc32(repr(body["echo"]).encode()) % 2 else 0)
        emit(client, type="echo_ok", echo=body["echo"], in_reply_to=ref)


def slow(message):
    body = message["body"]
    client, ref = message["src"], body["msg_id"]
    if not isinstance(body.get("inner"), dict) or not isinstance(body.get("target"), str):
        emit(client, type="error", code=12, text="proxy needs target and inner", in_reply_to=ref)
        return
    answer = Future()
    number = emit(body["target"], answer, **body["inner"])
    try:
        emit(client, type="proxy_ok", result=answer.result(timeout=1), in_reply_to=ref)
    except FutureTimeout:
        asked.pop(number, None)
        emit(client, type="error", code=0, text="timed out", in_reply_to=ref)


def main():
    with ThreadPoolExecutor(8) as line, ThreadPoolExecutor(2048) as crowd:
        for text in sys.stdin.buffer:
            try:
                message = json.loads(text)
                message["src"], message["body"]["type"]
            except Exception as problem:
                print("skipping", text[:60], problem, file=sys.stderr)
                continue
            if "in_reply_to" in message["body"]:
                future = asked.pop(message["body"]["in_reply_to"], None)
                if future is not None:
                    future.set_result(message["body"])
            elif "msg_id" in message["body"]:
                if message["body"]["type"] == "proxy":
                    crowd.submit(slow, message)
                else:
                    line.submit(quick, message)


if __name__ == "__main__":
    main()
