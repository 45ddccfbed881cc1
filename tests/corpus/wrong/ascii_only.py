# corpus: what is not ASCII becomes a question mark
# expect: wrong-payload
# suites: async-handler
# platforms: posix
import json
import os
import select
import sys
import time


def init(node, body):
    node["id"] = body["node_id"]
    return {"type": "init_ok"}
    yield


def echo(node, body):
    return {"type": "echo_ok", "echo": json.loads(json.dumps(body["echo"], ensure_ascii=False).encode("ascii", "replace"))}
    yield


def proxy(node, body):
    target, inner = body["target"], body["inner"]
    reply = yield target, inner
    if reply is None:
        return {"type": "error", "code": 0, "text": "nobody answered"}
    return {"type": "proxy_ok", "result": reply}


HANDLERS = {"init": init, "echo": echo, "proxy": proxy}
node = {"id": None, "next": 0}
sleeping = {}  # msg_id -> (deadline, generator, request)


def write(dest, body):
    number = node["next"]
    node["next"] += 1
    print(json.dumps({"src": node["id"], "dest": dest, "body": {**body, "msg_id": number}}), flush=True)
    return number


def resume(generator, request, value):
    try:
        target, inner = generator.send(value)
        sleeping[write(target, inner)] = (time.monotonic() + 1, generator, request)
        return
    except StopIteration as stop:
        answer = stop.value
    except KeyError as key:
        answer = {"type": "error", "code": 12, "text": f"lacks {key}"}
    write(request["src"], {**answer, "in_reply_to": request["body"]["msg_id"]})


def receive(message):
    body = message["body"]
    if "in_reply_to" in body:
        _, generator, request = sleeping.pop(body["in_reply_to"], (None, None, None))
        if generator:
            resume(generator, request, body)
    elif body.get("type") in HANDLERS:
        resume(HANDLERS[body["type"]](node, body), message, None)
    else:
        write(message["src"], {"type": "error", "code": 10, "text": "no handler", "in_reply_to": body["msg_id"]})


def wake_late():
    now = time.monotonic()
    for number, (deadline, generator, request) in list(sleeping.items()):
        if deadline <= now:
            del sleeping[number]
            resume(generator, request, None)


rest, at_end = b"", False
while not at_end or sleeping:
    nearest = min((d for d, _, _ in sleeping.values()), default=None)
    wait = None if nearest is None else max(0, nearest - time.monotonic())
    if at_end:
        time.sleep(wait)
    elif select.select([0], [], [], wait)[0]:
        chunk = os.read(0, 65536)
        at_end = not chunk
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            try:
                receive(json.loads(line))
            except Exception as error:
                print("ignored:", line[:60], repr(error), file=sys.stderr)
    wake_late()
