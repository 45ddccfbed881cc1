# corpus: the number of a message is the length of the log of all messages sent
# finds: data-race
# misconception: nobody-comes-between
# preemptions: 1
# outcome: duplicate-msg-id
# lines: 19 22
# workload: two-echoes
import json
import sys
import threading

sent = []
lock = threading.Lock()
waiting = {}
node_id = None


def post(dest, body):
    body["msg_id"] = len(sent)
    if "in_reply_to" not in body:
        waiting[body["msg_id"]] = threading.Event()
    sent.append(body)
    with lock:
        sys.stdout.write(json.dumps({"src": node_id, "dest": dest, "body": body}) + "\n")
        sys.stdout.flush()
    return body["msg_id"]


results = {}


def serve(message):
    body = message["body"]
    if body["type"] == "echo":
        answer = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] == "proxy":
        number = post(body["target"], dict(body["inner"]))
        waiting[number].wait(1)
        result = results.pop(number, None)
        answer = {"type": "error", "code": 0} if result is None else {"type": "proxy_ok", "result": result}
    else:
        answer = {"type": "error", "code": 10}
    post(message["src"], {**answer, "in_reply_to": body["msg_id"]})


for line in sys.stdin:
    message = json.loads(line)
    number = message["body"].get("in_reply_to")
    if message["body"]["type"] == "init":
        node_id = message["body"]["node_id"]
        post(message["src"], {"type": "init_ok", "in_reply_to": message["body"]["msg_id"]})
    elif number is None:
        threading.Thread(target=serve, args=(message,)).start()
    elif number in waiting:
        results[number] = message["body"]
        waiting[number].set()
