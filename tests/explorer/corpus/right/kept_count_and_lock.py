# corpus: numbers come from a bare itertools.count; a statistic for stderr is counted without a lock and may lose one: both harmless
# finds: nothing
# suites: async-handler rpc maelstrom-echo
import itertools
import json
import sys
import threading

ids = itertools.count()
out = threading.Lock()
waiting = {}
handled = 0  # roughly
node_id = None


def send(dest, body, number=None):
    number = next(ids) if number is None else number
    line = json.dumps({"src": node_id, "dest": dest, "body": {**body, "msg_id": number}}) + "\n"
    with out:
        sys.stdout.write(line)
        sys.stdout.flush()


def proxy(src, body):
    global handled
    number = next(ids)
    event, result = threading.Event(), []
    waiting[number] = event, result
    send(body["target"], body["inner"], number)
    event.wait(1)
    waiting.pop(number, None)
    if result:
        answer = {"type": "proxy_ok", "result": result[0]}
    else:
        answer = {"type": "error", "code": 0, "text": "timeout"}
    send(src, {**answer, "in_reply_to": body["msg_id"]})
    handled += 1


for line in sys.stdin:
    try:
        message = json.loads(line)
        src, body = message["src"], message["body"]
        kind = body["type"]
    except (ValueError, TypeError, KeyError):
        continue
    if "in_reply_to" in body:
        event, result = waiting.pop(body["in_reply_to"], (None, None))
        if event:
            result.append(body)
            event.set()
        continue
    if kind == "proxy" and "target" in body and "inner" in body:
        threading.Thread(target=proxy, args=(src, body)).start()
        continue
    if kind == "init":
        node_id = body["node_id"]
        answer = {"type": "init_ok"}
    elif kind == "echo" and "echo" in body:
        answer = {"type": "echo_ok", "echo": body["echo"]}
    else:
        answer = {"type": "error", "code": 12 if kind in ("echo", "proxy") else 10, "text": "no"}
    send(src, {**answer, "in_reply_to": body["msg_id"]})
    handled += 1
sys.stderr.write(f"handled about {handled}\n")
