# corpus: the numbers come from an asynchronous generator, and two tasks may ask it for one at the same time
# finds: data-race
# misconception: none
# preemptions: 0
# outcome: no-reply
# lines: 21 29
# workload: two-echoes
import asyncio
import json
import sys

node_id = None
waiting = {}


async def numbers():
    """The ids of our messages; between two of them others get a turn."""
    number = 0
    while True:
        await asyncio.sleep(0)
        yield number
        number += 1


ids = numbers()


async def fresh():
    return await anext(ids)


def write(dest, body):
    sys.stdout.write(json.dumps({"src": node_id, "dest": dest, "body": body}) + "\n")
    sys.stdout.flush()


async def proxy(body):
    number = await fresh()
    future = waiting[number] = asyncio.get_running_loop().create_future()
    write(body["target"], {**body["inner"], "msg_id": number})
    try:
        return {"type": "proxy_ok", "result": await asyncio.wait_for(future, 1.0)}
    except TimeoutError:
        return {"type": "error", "code": 0, "text": "timeout"}
    finally:
        waiting.pop(number, None)


async def answer(body):
    match body:
        case {"type": "init"}:
            return {"type": "init_ok"}
        case {"type": "echo", "echo": value}:
            return {"type": "echo_ok", "echo": value}
        case {"type": "proxy", "target": _, "inner": _}:
            return await proxy(body)
        case {"type": "echo" | "proxy"}:
            return {"type": "error", "code": 12, "text": "a field is missing"}
    return {"type": "error", "code": 10, "text": "not supported"}


async def handle(src, body):
    reply = await answer(body)
    write(src, {**reply, "in_reply_to": body["msg_id"], "msg_id": await fresh()})


async def logged(work):
    """One handler that fails is no reason for the others to be cancelled."""
    try:
        await work
    except Exception as error:
        print(repr(error), file=sys.stderr)


async def main():
    global node_id
    lines = asyncio.StreamReader(limit=2**24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with asyncio.TaskGroup() as group:
        async for line in lines:
            try:
                message = json.loads(line)
                src, body = message["src"], message["body"]
                body["type"]
            except (ValueError, TypeError, KeyError):
                continue
            if "in_reply_to" in body:
                future = waiting.get(body["in_reply_to"])
                if future is not None and not future.done():
                    future.set_result(body)
                continue
            if body["type"] == "init":
                node_id = body["node_id"]
            group.create_task(logged(handle(src, body)))


asyncio.run(main())
