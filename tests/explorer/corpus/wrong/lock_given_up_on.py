# corpus: who does not get the lock within 50 ms goes on without it
# finds: data-race
# misconception: none
# preemptions: 2
# outcome: torn-line
# lines: 20 22 23
# workload: two-echoes
import json
import sys
import threading
from itertools import count

lock = threading.Lock()
numbers = count(1)
waiting = {}
name = []


def write(dest, body, number):
    held = lock.acquire(timeout=0.05)
    try:
        sys.stdout.write(json.dumps({"src": name[0], "dest": dest, "body": {**body, "msg_id": number}}))
        sys.stdout.write("\n")
        sys.stdout.flush()
    finally:
        if held:
            lock.release()


def handle(src, body):
    kind = body["type"]
    if kind == "echo":
        answer = {"type": "echo_ok", "echo": body["echo"]}
    elif kind == "proxy":
        number, came = next(numbers), threading.Semaphore(0)
        waiting[number] = [came]
        write(body["target"], body["inner"], number)
        answer = {"type": "error", "code": 0, "text": "no reply"}
        if came.acquire(timeout=1):
            answer = {"type": "proxy_ok", "result": waiting[number][1]}
    else:
        answer = {"type": "error", "code": 10, "text": "not supported"}
    write(src, {**answer, "in_reply_to": body["msg_id"]}, next(numbers))


threads = []
for line in sys.stdin:
    message = json.loads(line)
    src, body = message["src"], message["body"]
    if body["type"] == "init":
        name.append(body["node_id"])
        write(src, {"type": "init_ok", "in_reply_to": body["msg_id"]}, next(numbers))
    elif "in_reply_to" in body:
        if body["in_reply_to"] in waiting:
            waiting[body["in_reply_to"]].append(body)
            waiting[body["in_reply_to"]][0].release()
    else:
        thread = threading.Thread(target=handle, args=(src, body))
        thread.start()
        threads.append(thread)
for thread in threads:
    thread.join()
