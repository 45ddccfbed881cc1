# corpus: two threads may take the same number: COUNTER is read, raised and stored without a lock
# finds: data-race
# misconception: nobody-comes-between
# preemptions: 1
# outcome: duplicate-msg-id
# lines: 20 21 29
# workload: two-echoes
import json
import sys
import threading

COUNTER = 0
NAME = None
WAITING = {}
OUT = threading.Lock()


def take_id():
    global COUNTER
    COUNTER += 1
    return COUNTER - 1


def say(dest, body, number):
    body["msg_id"] = number
    line = json.dumps({"src": NAME, "dest": dest, "body": body})
    with OUT:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def answer(msg, before):
    body = msg["body"]
    if body["type"] == "echo" and "echo" in body:
        reply = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] in ("echo", "proxy"):
        reply = {"type": "error", "code": 12, "text": "a field is missing"}
    else:
        reply = {"type": "error", "code": 10, "text": "unknown type"}
    reply["in_reply_to"] = body["msg_id"]
    number = take_id()
    if before is not None:
        before.join()  # whoever was asked first answers first
    say(msg["src"], reply, number)


def ask(msg):
    body = msg["body"]
    number = take_id()
    box = {"reply": None, "there": threading.Event()}
    WAITING[number] = box
    say(body["target"], dict(body["inner"]), number)
    box["there"].wait(1.0)
    WAITING.pop(number, None)
    if box["reply"] is None:
        reply = {"type": "error", "code": 0, "text": "timeout"}
    else:
        reply = {"type": "proxy_ok", "result": box["reply"]}
    reply["in_reply_to"] = body["msg_id"]
    say(msg["src"], reply, take_id())


def main():
    global NAME
    last = None
    for line in sys.stdin:
        try:
            msg = json.loads(line)
            src, body = msg["src"], msg["body"]
            kind = body["type"]
        except (ValueError, TypeError, KeyError) as error:
            print("ignored:", error, file=sys.stderr)
            continue
        if "in_reply_to" in body:
            box = WAITING.pop(body["in_reply_to"], None)
            if box:
                box["reply"] = body
                box["there"].set()
        elif kind == "init":
            NAME = body["node_id"]
            say(src, {"type": "init_ok", "in_reply_to": body["msg_id"]}, take_id())
        elif kind == "proxy" and "target" in body and "inner" in body:
            threading.Thread(target=ask, args=(msg,)).start()
        else:
            last = threading.Thread(target=answer, args=(msg, last))
            last.start()


main()
