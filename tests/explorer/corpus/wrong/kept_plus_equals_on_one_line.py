# corpus: a pool; the number is raised and used in one expression, which looks like one step
# finds: data-race
# misconception: nobody-comes-between
# preemptions: 1
# outcome: duplicate-msg-id
# lines: 20
# workload: two-echoes
import json
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from threading import Lock

node = {"id": "", "sent": -1}
calls = {}
stdout = Lock()


def send(dest, body, call=None):
    node["sent"] += 1; number = node["sent"]
    if call is not None:
        calls[number] = call
    line = json.dumps({"src": node["id"], "dest": dest, "body": {**body, "msg_id": number}})
    with stdout:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def answer(request):
    body = request["body"]
    match body["type"]:
        case "init":
            node["id"] = body["node_id"]
            said = {"type": "init_ok"}
        case "echo":
            said = {"type": "echo_ok", "echo": body["echo"]}
        case "proxy":
            call = Future()
            send(body["target"], body["inner"], call)
            try:
                said = {"type": "proxy_ok", "result": call.result(1)}
            except TooLate:
                said = {"type": "error", "code": 0, "text": "silent"}
        case other:
            said = {"type": "error", "code": 10, "text": f"no {other} here"}
    send(request["src"], {**said, "in_reply_to": body["msg_id"]})


with ThreadPoolExecutor(64) as pool:
    for line in sys.stdin:
        message = json.loads(line)
        if message["body"]["type"] == "init":
            answer(message)
        elif "in_reply_to" in message["body"]:
            call = calls.pop(message["body"]["in_reply_to"], None)
            if call is not None and not call.done():
                call.set_result(message["body"])
        else:
            pool.submit(answer, message)
