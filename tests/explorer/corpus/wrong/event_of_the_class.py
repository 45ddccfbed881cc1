# corpus: the event stands in the class body, so all calls have one: once it is set, nobody waits any more
# finds: data-race
# misconception: none
# preemptions: 0
# outcome: wrong-type
# lines: 54 72
# workload: proxy-after-proxy
import json
import sys
import threading


class Call:
    done = threading.Event()

    def __init__(self):
        self.reply = None


lock = threading.Lock()  # guards all that follows, and stdout
calls = {}
node_id = None
next_id = 0


def send(dest, body, call=None):
    global next_id
    with lock:
        number, next_id = next_id, next_id + 1
        if call is not None:
            calls[number] = call
        message = {"src": node_id, "dest": dest, "body": {**body, "msg_id": number}}
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


def reply(message, body):
    send(message["src"], {**body, "in_reply_to": message["body"]["msg_id"]})


def serve(message):
    body = message["body"]
    if body["type"] == "echo":
        reply(message, {"type": "echo_ok", "echo": body["echo"]})
    elif body["type"] == "proxy":
        reply(message, pass_on(body["target"], body["inner"]))
    else:
        reply(message, {"type": "error", "code": 10, "text": "not supported"})


def pass_on(target, inner):
    call = Call()
    send(target, inner, call)
    call.done.wait(timeout=1)
    if call.reply is None:
        return {"type": "error", "code": 0, "text": "timeout"}
    return {"type": "proxy_ok", "result": call.reply}


threads = []
for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        node_id = body["node_id"]
        reply(message, {"type": "init_ok"})
    elif "in_reply_to" in body:
        with lock:
            call = calls.pop(body["in_reply_to"], None)
        if call is not None:
            call.reply = body
            call.done.set()
    else:
        threads.append(threading.Thread(target=serve, args=(message,)))
        threads[-1].start()
for thread in threads:
    thread.join()
