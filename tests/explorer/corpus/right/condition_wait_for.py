# corpus: all replies arrive in one table under a condition; every waiter asks for its own by wait_for
# finds: nothing
# suites: rpc maelstrom-echo
import json
import sys
import threading

arrived = threading.Condition()
state = {"name": None, "next": 0}
asked, replies = set(), {}


def say(dest, body, is_call=False):
    with arrived:
        number = state["next"]
        state["next"] = number + 1
        if is_call:
            asked.add(number)
        print(json.dumps({"src": state["name"], "dest": dest, "body": {**body, "msg_id": number}}), flush=True)
    return number


def ask(target, inner):
    number = say(target, inner, is_call=True)
    with arrived:
        arrived.wait_for(lambda: number in replies, timeout=1)
        asked.discard(number)
        return replies.pop(number, None)


def handle(message):
    body = message["body"]
    match body["type"]:
        case "echo":
            answer = {"type": "echo_ok", "echo": body["echo"]}
        case "proxy":
            result = ask(body["target"], body["inner"])
            answer = {"type": "proxy_ok", "result": result}
            if result is None:
                answer = {"type": "error", "code": 0, "text": "no reply"}
        case _:
            answer = {"type": "error", "code": 10, "text": "not supported"}
    say(message["src"], {**answer, "in_reply_to": body["msg_id"]})


for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        state["name"] = body["node_id"]
        say(message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"]})
    elif "in_reply_to" in body:
        with arrived:
            if body["in_reply_to"] in asked:
                replies[body["in_reply_to"]] = body
                arrived.notify_all()
    else:
        threading.Thread(target=handle, args=(message,)).start()
