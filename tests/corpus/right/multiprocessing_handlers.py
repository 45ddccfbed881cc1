# corpus: multiprocessing: a child process handles, the parent reads, writes and keeps the clock
# expect: passed
# suites: async-handler rpc maelstrom-echo
# platforms: posix
import json
import multiprocessing
import os
import select
import sys
import time


def handler(orders, results):
    """In the child: lines in; what is to be said out, as (kind, dest, body, who asked)."""
    while (line := orders.recv()) is not None:
        try:
            message = json.loads(line)
            src, body = message["src"], message["body"]
            if "in_reply_to" in body:
                results.send(("reply", body["in_reply_to"], body, None))
                continue
            ref, kind = body["msg_id"], body.get("type")
        except Exception as error:
            print("child: bad line", error, file=sys.stderr)
            continue
        if kind == "init":
            results.send(("name", body["node_id"], None, None))
            results.send(("say", src, {"type": "init_ok", "in_reply_to": ref}, None))
        elif kind == "echo" and "echo" in body:
            results.send(("say", src, {"type": "echo_ok", "echo": body["echo"], "in_reply_to": ref}, None))
        elif kind == "proxy" and {"target", "inner"} <= body.keys():
            results.send(("ask", body["target"], body["inner"], (src, ref)))
        else:
            code = 12 if kind in ("echo", "proxy") else 10
            results.send(("say", src, {"type": "error", "code": code, "text": "refused", "in_reply_to": ref}, None))
    results.send(("end", None, None, None))


def main():
    context = multiprocessing.get_context("fork")
    orders, orders_there = context.Pipe()
    results, results_there = context.Pipe()
    child = context.Process(target=handler, args=(orders_there, results_there), daemon=True)
    child.start()
    name, count, waiting, rest = None, 0, {}, b""
    open_input = running = True
    backlog = []

    def say(dest, body):
        nonlocal count
        count += 1
        print(json.dumps({"src": name, "dest": dest, "body": {**body, "msg_id": count - 1}}), flush=True)
        return count - 1

    while running or waiting:
        soonest = min((due for due, *_ in waiting.values()), default=time.monotonic() + 60)
        sources = ([0] if open_input else []) + ([results] if running else [])
        ready, writable, _ = select.select(sources, [orders] if backlog else [], [], max(0, soonest - time.monotonic()))
        if 0 in ready:
            chunk = os.read(0, 65536)
            *lines, rest = (rest + chunk).split(b"\n")
            backlog += lines
            if not chunk:
                open_input = False
                backlog.append(None)
        if writable:
            orders.send(backlog.pop(0))
        while running and results.poll():
            kind, who, body, asker = results.recv()
            if kind == "name":
                name = who
            elif kind == "say":
                say(who, body)
            elif kind == "ask":
                waiting[say(who, body)] = (time.monotonic() + 1, *asker)
            elif kind == "end":
                running = False
            elif who in waiting:
                _, src, ref = waiting.pop(who)
                say(src, {"type": "proxy_ok", "result": body, "in_reply_to": ref})
        for number in [n for n, (due, *_) in waiting.items() if due <= time.monotonic()]:
            _, src, ref = waiting.pop(number)
            say(src, {"type": "error", "code": 0, "text": "timeout", "in_reply_to": ref})
    child.join()


if __name__ == "__main__":
    main()
