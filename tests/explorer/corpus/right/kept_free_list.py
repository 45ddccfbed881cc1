# corpus: free numbers in a list; pop takes one off in a single step, and two threads never get the same
# finds: nothing
# suites: rpc maelstrom-echo
import json
import sys
import threading

free = list(range(20_000))
calls = {}
stdout = threading.RLock()
node_id = None


def write(dest, body):
    with stdout:
        print(json.dumps({"src": node_id, "dest": dest, "body": body}), flush=True)


def reply(message, body):
    write(message["src"], {**body, "msg_id": free.pop(), "in_reply_to": message["body"]["msg_id"]})


def proxy(message):
    number, call = free.pop(), threading.Condition()
    call.result = None
    calls[number] = call
    write(message["body"]["target"], {**message["body"]["inner"], "msg_id": number})
    with call:
        call.wait_for(lambda: call.result is not None, timeout=1)
    if call.result is None:
        reply(message, {"type": "error", "code": 0, "text": "no reply"})
    else:
        reply(message, {"type": "proxy_ok", "result": call.result})


def deliver(body):
    call = calls.pop(body["in_reply_to"], None)
    if call is not None:
        with call:
            call.result = body
            call.notify()


for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        node_id = body["node_id"]
        reply(message, {"type": "init_ok"})
    elif "in_reply_to" in body:
        deliver(body)
    elif body["type"] == "echo":
        answer = {"type": "echo_ok", "echo": body["echo"]}
        threading.Thread(target=reply, args=(message, answer)).start()
    elif body["type"] == "proxy":
        threading.Thread(target=proxy, args=(message,)).start()
    else:
        reply(message, {"type": "error", "code": 10, "text": "not supported"})
