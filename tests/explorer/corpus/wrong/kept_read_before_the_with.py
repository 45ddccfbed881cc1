# corpus: executor; the table of calls is copied outside the lock and stored back inside, so that an entry is lost
# finds: data-race
# misconception: read-outside-the-lock
# preemptions: 1
# outcome: wrong-type
# lines: 28 30
# workload: two-proxies
import itertools
import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

numbers = itertools.count()
lock = threading.Lock()
calls = ()  # pairs of a number and the event, with room for the reply
name = ""


def send(dest, body, number):
    with lock:
        print(json.dumps({"src": name, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)


def ask(target, inner):
    global calls
    number, call = next(numbers), {"came": threading.Event(), "body": None}
    longer = (*calls, (number, call))
    with lock:
        calls = longer
    send(target, inner, number)
    call["came"].wait(1)
    return call["body"]


def respond(message):
    body = message["body"]
    reply = {"type": "error", "code": 10, "text": "unknown"}
    if body["type"] == "echo":
        reply = {"type": "echo_ok", "echo": body["echo"]}
    if body["type"] == "proxy":
        result = ask(body["target"], body["inner"])
        reply = {"type": "proxy_ok", "result": result} if result else {"type": "error", "code": 0}
    send(message["src"], {**reply, "in_reply_to": body["msg_id"]}, next(numbers))


def deliver(body):
    with lock:
        found = [call for number, call in calls if number == body["in_reply_to"]]
    for call in found:
        call["body"] = body
        call["came"].set()


pool = ThreadPoolExecutor(max_workers=200)
for line in sys.stdin:
    message = json.loads(line)
    if message["body"]["type"] == "init":
        name = message["body"]["node_id"]
        send(message["src"], {"type": "init_ok", "in_reply_to": message["body"]["msg_id"]}, next(numbers))
    elif "in_reply_to" in message["body"]:
        deliver(message["body"])
    else:
        pool.submit(respond, message)
pool.shutdown()
