# corpus: the main thread answers short echoes itself, and takes a number beside the handlers, in the open
# finds: data-race
# misconception: nobody-comes-between
# preemptions: 1
# outcome: duplicate-msg-id
# lines: 25 26 52 53
# workload: two-echoes
import json
import sys
import threading

count = 0
name = None
stdout = threading.Lock()


def write(dest, body):
    with stdout:
        print(json.dumps({"src": name, "dest": dest, "body": body}), flush=True)


def handle(message):
    global count
    body = message["body"]
    number = count
    count = number + 1
    if body["type"] == "echo":
        answer = {"type": "echo_ok", "echo": body["echo"]}
    else:
        answer = {"type": "error", "code": 10, "text": "not supported"}
    write(message["src"], {**answer, "msg_id": number, "in_reply_to": body["msg_id"]})


def is_short(message):
    body = message["body"]
    return body["type"] == "echo" and body["echo"] == "b"


threads = []
for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        name = body["node_id"]
        number = count
        count = number + 1
        answer = {"type": "init_ok", "msg_id": number, "in_reply_to": body["msg_id"]}
        write(message["src"], answer)
    elif is_short(message):
        answer = {"type": "echo_ok", "echo": body["echo"], "in_reply_to": body["msg_id"]}
        # A module's own lines change it as well as functions do.
        number = count
        count = number + 1
        write(message["src"], {**answer, "msg_id": number})
    else:
        threads.append(threading.Thread(target=handle, args=(message,)))
        threads[-1].start()
for thread in threads:
    thread.join()
