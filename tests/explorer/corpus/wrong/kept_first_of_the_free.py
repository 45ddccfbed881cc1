# corpus: a list of free numbers; looks at the first, then strikes it off
# finds: data-race
# misconception: nobody-comes-between
# preemptions: 1
# outcome: duplicate-msg-id
# lines: 21 22
# workload: proxy-and-echo
import json
import queue
import sys
import threading

free = list(range(10_000))
todo = queue.Queue()
replies = {}
write_lock = threading.Lock()
node = {}


def ticket():
    number = free[0]
    free[:1] = []
    return number


def write(dest, body):
    with write_lock:
        print(json.dumps({"src": node["id"], "dest": dest, "body": body}), flush=True)


def worker():
    while True:
        message = todo.get()
        if message is None:
            break
        body = message["body"]
        if body["type"] == "echo":
            answer = {"type": "echo_ok", "echo": body["echo"]}
        elif body["type"] == "proxy":
            number, replies_to = ticket(), queue.Queue()
            replies[number] = replies_to
            write(body["target"], {**body["inner"], "msg_id": number})
            try:
                answer = {"type": "proxy_ok", "result": replies_to.get(True, 1)}
            except queue.Empty:
                answer = {"type": "error", "code": 0, "text": "timeout"}
        else:
            answer = {"type": "error", "code": 10, "text": "unsupported"}
        write(message["src"], {**answer, "in_reply_to": body["msg_id"], "msg_id": ticket()})


crew = [threading.Thread(target=worker) for _ in range(3)]
for member in crew:
    member.start()
for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        node["id"] = body["node_id"]
        write(message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"], "msg_id": ticket()})
    elif "in_reply_to" in body:
        if body["in_reply_to"] in replies:
            replies.pop(body["in_reply_to"]).put(body)
    else:
        todo.put(message)
for _ in crew:
    todo.put(None)
