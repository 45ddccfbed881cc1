# corpus: proxy_ok answers the id of its own request to the peer instead of the client's
# expect: wrong-in-reply-to
# suites: rpc
# platforms: posix
# note: 5,000 is added so that no client's id is hit by chance
import asyncio, json, os, sys

buf = b""
node_id, msg_id = None, 0
waiting = {}        # our msg_id -> (client, its msg_id, timer)
finished = None


def send(dest, body):
    global msg_id
    body["msg_id"] = msg_id
    msg_id += 1
    data = json.dumps({"src": node_id, "dest": dest, "body": body}, separators=(",", ":")).encode() + b"\n"
    while data:
        data = data[os.write(1, data):]


def error(src, ref, code, text):
    send(src, {"type": "error", "in_reply_to": ref, "code": code, "text": text})


def expired(number):
    src, ref, _ = waiting.pop(number)
    error(src, ref, 0, "timeout")
    check_end()


def check_end():
    if buf is None and not waiting:
        finished.set_result(None)


def message(line):
    global node_id
    msg = json.loads(line)
    src, body = msg["src"], msg["body"]
    kind, ref = body.get("type"), body.get("msg_id")
    if "in_reply_to" in body:
        if body["in_reply_to"] in waiting:
            client, client_ref, timer = waiting.pop(body["in_reply_to"])
            timer.cancel()
            send(client, {"type": "proxy_ok", "result": body, "in_reply_to": body["in_reply_to"] + 5000})
    elif kind == "init":
        node_id = body["node_id"]
        send(src, {"type": "init_ok", "in_reply_to": ref})
    elif kind == "echo":
        if "echo" in body:
            send(src, {"type": "echo_ok", "echo": body["echo"], "in_reply_to": ref})
        else:
            error(src, ref, 12, "no echo")
    elif kind == "proxy":
        if "target" in body and "inner" in body:
            number = msg_id
            send(body["target"], {**body["inner"]})
            waiting[number] = (src, ref, asyncio.get_running_loop().call_later(1, expired, number))
        else:
            error(src, ref, 12, "no target or no inner")
    else:
        error(src, ref, 10, f"what is {kind}?")


def readable():
    global buf
    chunk = os.read(0, 65536)
    if not chunk:
        asyncio.get_running_loop().remove_reader(0)
        buf = None
        check_end()
        return
    *lines, buf = (buf + chunk).split(b"\n")
    for line in lines:
        try:
            message(line)
        except Exception as e:
            print("cannot use", line[:50], repr(e), file=sys.stderr)


async def main():
    global finished
    loop = asyncio.get_running_loop()
    finished = loop.create_future()
    loop.add_reader(0, readable)
    await finished

asyncio.run(main())
