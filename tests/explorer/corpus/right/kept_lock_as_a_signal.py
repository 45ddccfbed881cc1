# corpus: a lock that is taken at birth and released by the reader: who can take it has been handed the reply
# finds: nothing
# suites: rpc maelstrom-echo
import json
import sys
import threading

table, guard, sent, me = {}, threading.Lock(), 0, None


def send(dest, body, call=None):
    global sent
    with guard:
        number, sent = sent, sent + 1
        if call is not None:
            table[number] = call
        print(json.dumps({"src": me, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)
        return number


def proxy(body):
    gate = threading.Lock()
    gate.acquire()
    call = {"gate": gate}
    number = send(body["target"], body["inner"], call)
    if gate.acquire(timeout=1):
        return {"type": "proxy_ok", "result": call["body"]}
    with guard:
        table.pop(number, None)
    return {"type": "error", "code": 0, "text": "timeout"}


def handle(src, body):
    if body["type"] == "echo":
        answer = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] == "proxy":
        answer = proxy(body)
    else:
        answer = {"type": "error", "code": 10, "text": "not supported"}
    send(src, {**answer, "in_reply_to": body["msg_id"]})


def deliver(body):
    with guard:
        call = table.pop(body["in_reply_to"], None)
    if call is not None:
        call["body"] = body
        call["gate"].release()


for line in sys.stdin:
    message = json.loads(line)
    src, body = message["src"], message["body"]
    if body["type"] == "init":
        me = body["node_id"]
        send(src, {"type": "init_ok", "in_reply_to": body["msg_id"]})
    elif "in_reply_to" in body:
        deliver(body)
    else:
        threading.Thread(target=handle, args=(src, body)).start()
