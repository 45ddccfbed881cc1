# corpus: asyncio: a thread reads, and hands each message to the loop with call_soon_threadsafe; all else happens in the loop
# finds: nothing
# suites: async-handler rpc maelstrom-echo
import asyncio
import itertools
import json
import sys
import threading

ids = itertools.count()
calls = {}
tasks = set()
name = None


def say(dest, body):
    number = next(ids)
    sys.stdout.write(json.dumps({"src": name, "dest": dest, "body": {**body, "msg_id": number}}) + "\n")
    sys.stdout.flush()
    return number


async def proxy(src, body):
    there, box = asyncio.Event(), []
    number = say(body["target"], body["inner"])
    calls[number] = there, box
    try:
        await asyncio.wait_for(there.wait(), 1.0)
    except asyncio.TimeoutError:
        pass  # it may have come at the last moment all the same
    del calls[number]
    if box:
        reply = {"type": "proxy_ok", "result": box[0]}
    else:
        reply = {"type": "error", "code": 0, "text": "timeout"}
    say(src, {**reply, "in_reply_to": body["msg_id"]})


def dispatch(src, body):
    global name
    kind = body["type"]
    if "in_reply_to" in body:
        there, box = calls.get(body["in_reply_to"], (None, None))
        if there and not box:
            box.append(body)
            there.set()
        return
    if kind == "proxy" and "target" in body and "inner" in body:
        task = asyncio.ensure_future(proxy(src, body))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        return
    if kind == "init":
        name = body["node_id"]
        reply = {"type": "init_ok"}
    elif kind == "echo" and "echo" in body:
        reply = {"type": "echo_ok", "echo": body["echo"]}
    else:
        reply = {"type": "error", "code": 12 if kind in ("echo", "proxy") else 10, "text": "no"}
    say(src, {**reply, "in_reply_to": body["msg_id"]})


def read(loop, end):
    for line in sys.stdin:
        try:
            message = json.loads(line)
            src, body = message["src"], message["body"]
            body["type"]
        except (ValueError, TypeError, KeyError):
            continue
        loop.call_soon_threadsafe(dispatch, src, body)
    loop.call_soon_threadsafe(end.set)


async def main():
    end = asyncio.Event()
    thread = threading.Thread(target=read, args=(asyncio.get_running_loop(), end))
    thread.start()
    await end.wait()
    while tasks:
        await asyncio.wait(tasks)
    thread.join()


asyncio.run(main())
