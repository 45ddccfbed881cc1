# corpus: a semaphore with one permit is a lock
# finds: nothing
# suites: rpc maelstrom-echo
import json
import sys
import threading

mutex = threading.Semaphore(1)
node_id, sent = None, 0
calls = {}


def send(dest, body, call=None):
    global sent
    mutex.acquire()
    try:
        sent += 1
        if call is not None:
            calls[sent] = call
        print(json.dumps({"src": node_id, "dest": dest, "body": {**body, "msg_id": sent}}), flush=True)
    finally:
        mutex.release()


def proxy(body):
    call = {"came": threading.Semaphore(0)}
    send(body["target"], body["inner"], call)
    if call["came"].acquire(timeout=1):
        return {"type": "proxy_ok", "result": call["reply"]}
    return {"type": "error", "code": 0, "text": "timeout"}


def handle(message):
    body = message["body"]
    reply = {"type": "error", "code": 10, "text": "not supported"}
    if body["type"] == "echo":
        reply = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] == "proxy":
        reply = proxy(body)
    send(message["src"], {**reply, "in_reply_to": body["msg_id"]})


for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        node_id = body["node_id"]
        send(message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"]})
    elif "in_reply_to" in body:
        with mutex:
            call = calls.pop(body["in_reply_to"], None)
        if call:
            call["reply"] = body
            call["came"].release()
    else:
        threading.Thread(target=handle, args=(message,)).start()
