# corpus: one event for all proxies: who is woken by the reply to another's request looks for its own too early
# finds: data-race
# misconception: none
# preemptions: 0
# outcome: wrong-payload
# lines: 47 30
# workload: two-proxies
import json, sys, threading
out = threading.Lock()
next_id = 0
event = threading.Event()
replies = {}
node_id = ""

def send(dest, body):
    global next_id
    with out:
        body["msg_id"] = next_id
        next_id += 1
        print(json.dumps({"src": node_id, "dest": dest, "body": body}), flush=True)
        return body["msg_id"]

def handle(message):
    body = message["body"]
    if body["type"] == "echo":
        send(message["src"], {"type": "echo_ok", "echo": body["echo"], "in_reply_to": body["msg_id"]})
    elif body["type"] == "proxy":
        event.clear()
        number = send(body["target"], dict(body["inner"]))
        if event.wait(1):
            result = replies.get(number, {"type": "error", "code": 0})
            send(message["src"], {"type": "proxy_ok", "result": result, "in_reply_to": body["msg_id"]})
        else:
            send(message["src"], {"type": "error", "code": 0, "text": "timeout", "in_reply_to": body["msg_id"]})
    else:
        send(message["src"], {"type": "error", "code": 10, "text": "no", "in_reply_to": body["msg_id"]})

threads = []
for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        node_id = body["node_id"]
        send(message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"]})
    elif "in_reply_to" in body:
        replies[body["in_reply_to"]] = body
        event.set()
    else:
        t = threading.Thread(target=handle, args=(message,)); t.start(); threads.append(t)
for t in threads: t.join()
