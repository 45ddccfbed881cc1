# corpus: each worker has a buffer and an encoder of its own in a threading.local; lines that are done too early wait in a dict for their place
# finds: nothing
# suites: async-handler rpc maelstrom-echo
import json
import sys
import threading
from queue import Queue


class Own(threading.local):
    def __init__(self):  # runs once in each thread
        self.encode = json.JSONEncoder().encode
        self.buffer = []


own = Own()
jobs = Queue(maxsize=1000)
out = threading.Lock()  # guards all in `book`
book = {"name": None, "number": 0, "place": 0, "early": {}, "calls": {}}
CREW = 3
all_there = threading.Barrier(CREW + 1)


def text(*parts):
    own.buffer.clear()
    for part in parts:
        own.buffer.append(part if type(part) is str else own.encode(part))
    return "".join(own.buffer)


def put(dest, body):
    """With `out` only. The body is JSON, without its closing brace."""
    number = book["number"]
    book["number"] += 1
    src = own.encode(book["name"])
    sys.stdout.write(f'{{"src": {src}, "dest": {own.encode(dest)}, "body": {body}, "msg_id": {number}}}}}\n')
    sys.stdout.flush()
    return number


def put_at(place, dest, body):
    with out:
        book["early"][place] = dest, body
        while book["place"] in book["early"]:
            put(*book["early"].pop(book["place"]))
            book["place"] += 1


def worker():
    all_there.wait()
    while True:
        job = jobs.get()
        if job is None:
            return
        place, src, body = job
        kind, to = body["type"], body["msg_id"]
        if kind == "echo" and "echo" in body:
            reply = text('{"type": "echo_ok", "in_reply_to": ', to, ', "echo": ', own.encode(body["echo"]))
        else:
            code = 12 if kind in ("echo", "proxy") else 10
            reply = text('{"type": "error", "text": "no", "code": ', code, ', "in_reply_to": ', to)
        put_at(place, src, reply)


def proxy(src, body):
    ready, result = threading.Event(), []
    inner = text(body["inner"])[:-1]
    with out:
        number = put(body["target"], inner)
        book["calls"][number] = ready, result
    ready.wait(1.0)
    with out:
        book["calls"].pop(number, None)
        if result:
            reply = text('{"type": "proxy_ok", "in_reply_to": ', body["msg_id"], ', "result": ', result[0])
        else:
            reply = text('{"type": "error", "code": 0, "in_reply_to": ', body["msg_id"])
        put(src, reply)


def main():
    for _ in range(CREW):
        threading.Thread(target=worker).start()
    all_there.wait()
    place = 0
    for line in sys.stdin:
        try:
            message = json.loads(line)
            src, body = message["src"], message["body"]
            kind = body["type"]
        except (ValueError, TypeError, KeyError):
            continue
        if "in_reply_to" in body:
            with out:
                ready, result = book["calls"].pop(body["in_reply_to"], (None, None))
                if ready:
                    result.append(body)
                    ready.set()
        elif kind == "init":
            with out:
                book["name"] = body["node_id"]
                put(src, text('{"type": "init_ok", "in_reply_to": ', body["msg_id"]))
        elif kind == "proxy" and "target" in body and "inner" in body and body["inner"]:
            threading.Thread(target=proxy, args=(src, body)).start()
        else:
            jobs.put((place, src, body))
            place += 1
    for _ in range(CREW):
        jobs.put(None)


main()
