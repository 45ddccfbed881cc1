# corpus: the loop lives in a thread of its own; the main thread reads, and gives it coroutines
# finds: nothing
# suites: rpc maelstrom-echo
import asyncio
import itertools
import json
import sys
import threading

ids = itertools.count()
calls = {}
node = {}
loop = asyncio.new_event_loop()


def write(dest, number, body):
    print(json.dumps({"src": node["id"], "dest": dest, "body": {**body, "msg_id": number}}), flush=True)


async def deliver(body):
    call = calls.pop(body["in_reply_to"], None)
    if call is not None and not call.done():
        call.set_result(body)


async def handle(message):
    body = message["body"]
    if body["type"] == "init":
        node["id"] = body["node_id"]
        answer = {"type": "init_ok"}
    elif body["type"] == "echo":
        answer = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] == "proxy":
        number = next(ids)
        calls[number] = loop.create_future()
        write(body["target"], number, body["inner"])
        try:
            answer = {"type": "proxy_ok", "result": await asyncio.wait_for(calls[number], 1)}
        except asyncio.TimeoutError:
            answer = {"type": "error", "code": 0, "text": "no reply"}
    else:
        answer = {"type": "error", "code": 10, "text": "not supported"}
    write(message["src"], next(ids), {**answer, "in_reply_to": body["msg_id"]})


thread = threading.Thread(target=loop.run_forever)
thread.start()
futures = []
for line in sys.stdin:
    message = json.loads(line)
    work = deliver(message["body"]) if "in_reply_to" in message["body"] else handle(message)
    futures.append(asyncio.run_coroutine_threadsafe(work, loop))
for future in futures:
    future.result()
loop.call_soon_threadsafe(loop.stop)
thread.join()
