# corpus: a table is read through a view of it and written by operator.setitem: both may find a call unanswered
# finds: data-race
# misconception: check-then-act
# preemptions: 1
# outcome: duplicate-reply
# lines: 41 42
# workload: proxy-late
import json
import operator
import sys
import threading
import types

out = threading.Lock()
waiting = {}
_answered = {}
answered = types.MappingProxyType(_answered)
me = {"id": "", "sent": 0}


def send(dest, body, request=None):
    with out:
        me["sent"] += 1
        number = me["sent"]
        if request is not None:
            waiting[number] = request
        print(json.dumps({"src": me["id"], "dest": dest, "body": {**body, "msg_id": number}}), flush=True)


def reply(request, body):
    send(request["src"], {**body, "in_reply_to": request["body"]["msg_id"]})


def proxy(request):
    threading.Timer(1.0, finish, (request, {"type": "error", "code": 0})).start()
    send(request["body"]["target"], request["body"]["inner"], request)


def finish(request, body):
    key = request["src"], request["body"]["msg_id"]
    if not answered.get(key):
        operator.setitem(_answered, key, True)
        reply(request, body)


def handle(message):
    body = message["body"]
    kind = body.get("type")
    if "in_reply_to" in body:
        if body["in_reply_to"] in waiting:
            finish(waiting[body["in_reply_to"]], {"type": "proxy_ok", "result": body})
    elif kind == "init":
        me["id"] = body["node_id"]
        reply(message, {"type": "init_ok"})
    elif kind == "echo" and "echo" in body:
        reply(message, {"type": "echo_ok", "echo": body["echo"]})
    elif kind == "proxy" and "target" in body and "inner" in body:
        proxy(message)
    elif "msg_id" in body:
        reply(message, {"type": "error", "code": 12 if kind in ("echo", "proxy") else 10})


for line in sys.stdin:
    try:
        handle(json.loads(line))
    except (ValueError, KeyError, TypeError):
        continue
