# corpus: a queue and one worker, which waits for the peer itself: whoever comes behind a proxy waits with it
# finds: blocked
# misconception: none
# preemptions: 0
# outcome: blocked
# lines: 38
# workload: proxy-held
import json
import sys
import threading
from queue import Empty, Queue

requests, replies = Queue(), {}
me, sent = None, 0


def write(dest, body, slot=None):
    global sent
    if slot:
        replies[sent] = slot
    print(json.dumps({"src": me, "dest": dest, "body": {**body, "msg_id": sent}}), flush=True)
    sent += 1


def work():
    global me
    while message := requests.get():
        body = message["body"]
        if body["type"] == "init":
            me = body["node_id"]
            answer = {"type": "init_ok"}
        elif body["type"] == "echo":
            answer = {"type": "echo_ok", "echo": body["echo"]}
        elif body["type"] == "proxy":
            slot = Queue()
            write(body["target"], body["inner"], slot)
            try:
                answer = {"type": "proxy_ok", "result": slot.get(timeout=1)}
            except Empty:
                answer = {"type": "error", "code": 0, "text": "no reply"}
        else:
            answer = {"type": "error", "code": 10, "text": "not supported"}
        write(message["src"], {**answer, "in_reply_to": body["msg_id"]})


worker = threading.Thread(target=work)
worker.start()
for line in sys.stdin:
    message = json.loads(line)
    if "in_reply_to" not in message["body"]:
        requests.put(message)
    elif message["body"]["in_reply_to"] in replies:
        replies.pop(message["body"]["in_reply_to"]).put(message["body"])
requests.put(None)
worker.join()
