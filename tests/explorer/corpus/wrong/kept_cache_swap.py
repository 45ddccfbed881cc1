# corpus: the decorator remembers the last argument and the last value; the value that it returns may be another thread's
# finds: data-race
# misconception: reply-in-a-shared-variable
# preemptions: 1
# outcome: wrong-address
# lines: 25 27 89
# workload: two-echoes
import functools
import json
import queue
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

HANDLERS = {}


def remember_last(fn):
    """Clients come in bursts: mostly it is the same one again."""
    last = {"arg": None, "value": None}

    @functools.wraps(fn)
    def wrapper(arg):
        if last["arg"] != arg:
            last["value"] = fn(arg)
            last["arg"] = arg
        return last["value"]

    return wrapper


@remember_last
def head(dest):
    return '{"src": ' + json.dumps(NODE["id"]) + ', "dest": ' + json.dumps(dest) + ', "body": '


def handles(kind, *fields):
    def register(fn):
        @functools.wraps(fn)
        def checked(body):
            if all(field in body for field in fields):
                return fn(body)
            return {"type": "error", "code": 12, "text": "needs " + ", ".join(fields)}

        HANDLERS[kind] = checked
        return checked

    return register


NODE = {"id": None, "next": 0, "calls": {}}
PEN = threading.Lock()


@handles("init", "node_id")
def init(body):
    NODE["id"] = body["node_id"]
    return {"type": "init_ok"}


@handles("echo", "echo")
def echo(body):
    return {"type": "echo_ok", "echo": body["echo"]}


@handles("proxy", "target", "inner")
def proxy(body):
    box = queue.SimpleQueue()
    number = write(head(body["target"]), body["inner"], box)
    try:
        return {"type": "proxy_ok", "result": box.get(timeout=1.0)}
    except queue.Empty:
        with PEN:
            NODE["calls"].pop(number, None)
        return {"type": "error", "code": 0, "text": "timeout"}


def unknown(body):
    return {"type": "error", "code": 10, "text": "what is " + body["type"] + "?"}


def write(start, body, box=None):
    with PEN:
        number = NODE["next"]
        NODE["next"] += 1
        if box is not None:
            NODE["calls"][number] = box
        sys.stdout.write(start + json.dumps({**body, "msg_id": number}) + "}\n")
        sys.stdout.flush()
    return number


def perform(src, body):
    answer = HANDLERS.get(body["type"], unknown)(body)
    return head(src), {**answer, "in_reply_to": body["msg_id"]}


def print_in_order(futures):
    for future in iter(futures.get, None):
        write(*future.result())


def main():
    futures = queue.Queue()
    threading.Thread(target=print_in_order, args=(futures,)).start()
    with ThreadPoolExecutor(2) as quick:
        for line in sys.stdin:
            try:
                message = json.loads(line)
                src, body = message["src"], message["body"]
                kind = body["type"]
            except (ValueError, TypeError, KeyError):
                continue
            if "in_reply_to" in body:
                with PEN:
                    box = NODE["calls"].pop(body["in_reply_to"], None)
                if box is not None:
                    box.put(body)
            elif kind == "proxy":
                threading.Thread(target=lambda s=src, b=body: write(*perform(s, b))).start()
            elif kind == "init":
                write(*perform(src, body))
            else:
                futures.put(quick.submit(perform, src, body))
        futures.put(None)


main()
