# corpus: an actor whose inbox holds one letter writes letters to itself: it waits for room that only it could make
# finds: deadlock
# misconception: nobody-left-to-make-room
# preemptions: 1
# outcome: no-reply
# lines: 48
# workload: three-at-once
import json
import sys
import threading
from queue import Queue

inbox = Queue(maxsize=1)
calls = {}
numbers = iter(range(10**9))
name = None


def send(dest, body, number=None):
    number = next(numbers) if number is None else number
    print(json.dumps({"src": name, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)


def reply(src, ref, body):
    send(src, {**body, "in_reply_to": ref})


def give_up(number):
    inbox.put({"src": None, "body": {"type": "late", "in_reply_to": number}})


def receive(src, body):
    global name
    if body["type"] == "init":
        name = body["node_id"]
        reply(src, body["msg_id"], {"type": "init_ok"})
    elif body["type"] == "answer":
        reply(*body["answer"])
    elif "in_reply_to" in body:
        client, ref, timer = calls.pop(body["in_reply_to"], (None, None, None))
        if client:
            timer.cancel()
            error = {"type": "error", "code": 0, "text": "no reply"}
            answer = error if src is None else {"type": "proxy_ok", "result": body}
            inbox.put({"src": "me", "body": {"type": "answer", "answer": (client, ref, answer)}})
    elif body["type"] == "echo":
        answer = {"type": "echo_ok", "echo": body["echo"]}
        inbox.put({"src": "me", "body": {"type": "answer", "answer": (src, body["msg_id"], answer)}})
    elif body["type"] == "proxy":
        number = next(numbers)
        calls[number] = src, body["msg_id"], threading.Timer(1, give_up, [number])
        send(body["target"], body["inner"], number)
        calls[number][2].start()
    else:
        reply(src, body["msg_id"], {"type": "error", "code": 10, "text": "not supported"})


def actor():
    while (message := inbox.get()) is not None:
        receive(message["src"], message["body"])


thread = threading.Thread(target=actor)
thread.start()
for line in sys.stdin:
    inbox.put(json.loads(line))
inbox.put(None)
thread.join()
