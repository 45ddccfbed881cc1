# corpus: asyncio; run() ends at end of input and cancels the tasks that still work (each needs 200 ms)
# expect: lost-at-eof
# suites: async-handler
import asyncio
import json
import sys

handlers = {}
futures = {}
node_id = None
next_msg_id = 0


class Refusal(Exception):
    def __init__(self, code, text):
        self.body = {"type": "error", "code": code, "text": text}


def handler(name):
    def register(function):
        handlers[name] = function
        return function
    return register


def field(body, name):
    if name not in body:
        raise Refusal(12, f"{name} is missing")
    return body[name]


def send(dest, body):
    global next_msg_id
    body["msg_id"], next_msg_id = next_msg_id, next_msg_id + 1
    print(json.dumps({"dest": dest, "src": node_id, "body": body}), flush=True)
    return body["msg_id"]


@handler("init")
async def init(body):
    global node_id
    node_id = field(body, "node_id")
    return {"type": "init_ok"}


@handler("echo")
async def echo(body):
    return {"type": "echo_ok", "echo": field(body, "echo")}


@handler("proxy")
async def proxy(body):
    target, inner = field(body, "target"), field(body, "inner")
    future = asyncio.get_running_loop().create_future()
    number = send(target, dict(inner))
    futures[number] = future
    done, _ = await asyncio.wait([future], timeout=1)
    futures.pop(number, None)
    if not done:
        raise Refusal(0, "peer is silent")
    return {"type": "proxy_ok", "result": future.result()}


async def serve(message):
    body = message["body"]
    try:
        work = handlers.get(body.get("type"))
        if work is None:
            raise Refusal(10, "not supported")
        if body["type"] == "echo":
            await asyncio.sleep(0.2)  # a look into the database
        answer = await work(body)
    except Refusal as refusal:
        answer = refusal.body
    answer["in_reply_to"] = body.get("msg_id")
    send(message["src"], answer)


async def main():
    loop = asyncio.get_running_loop()
    running = set()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        try:
            message = json.loads(line)
            assert isinstance(message["src"], str) and isinstance(message["body"], dict)
        except Exception as problem:
            print(f"not a message ({problem!r}): {line!r}", file=sys.stderr)
            continue
        if "in_reply_to" in message["body"]:
            waiter = futures.pop(message["body"]["in_reply_to"], None)
            if waiter and not waiter.done():
                waiter.set_result(message["body"])
        else:
            task = loop.create_task(serve(message))
            running.add(task)
            task.add_done_callback(running.discard)


asyncio.run(main())
