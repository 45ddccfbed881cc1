# corpus: asyncio; an echo's coroutine sleeps with time.sleep, so that the whole loop sleeps and a reply that has come in time is read too late
# finds: wrong-type
# misconception: blocking-call-in-the-loop
# preemptions: 0
# outcome: wrong-type
# lines: 29 35
# workload: reply-among-echoes
import asyncio
import json
import sys
import time

node_id, next_id = None, 0
calls = {}


def send(dest, body, call=None):
    global next_id
    if call:
        calls[next_id] = call
    print(json.dumps({"src": node_id, "dest": dest, "body": {**body, "msg_id": next_id}}), flush=True)
    next_id += 1


async def handle(message):
    body = message["body"]
    answer = {"type": "error", "code": 10, "text": "not supported"}
    if body["type"] == "echo":
        time.sleep(0.25)  # work
        answer = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] == "proxy":
        call = asyncio.get_running_loop().create_future()
        send(body["target"], body["inner"], call)
        try:
            answer = {"type": "proxy_ok", "result": await asyncio.wait_for(call, 1)}
        except TimeoutError:
            answer = {"type": "error", "code": 0, "text": "no reply"}
    send(message["src"], {**answer, "in_reply_to": body["msg_id"]})


async def main():
    global node_id
    lines, tasks = asyncio.StreamReader(), []
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        message = json.loads(line)
        body = message["body"]
        if body["type"] == "init":
            node_id = body["node_id"]
            send(message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"]})
        elif "in_reply_to" in body:
            call = calls.pop(body["in_reply_to"], None)
            if call and not call.done():
                call.set_result(body)
        else:
            tasks.append(asyncio.create_task(handle(message)))
    await asyncio.gather(*tasks)


asyncio.run(main())
