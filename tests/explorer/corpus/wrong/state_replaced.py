# corpus: the state is a frozen dataclass, and each change replaces it whole: one handler's change is lost with it
# finds: data-race
# misconception: nobody-comes-between
# preemptions: 1
# outcome: duplicate-msg-id
# lines: 29 30
# workload: two-echoes
import json
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from queue import Empty, Queue


@dataclass(frozen=True)
class State:
    name: str | None = None
    next_id: int = 0
    calls: Mapping[int, Queue] = field(default_factory=dict)


state = State()
writing = threading.Lock()


def take_number():
    global state
    before = state
    state = replace(before, next_id=before.next_id + 1)
    return before.next_id


def send(dest, body, number):
    line = json.dumps({"src": state.name, "dest": dest, "body": {**body, "msg_id": number}})
    with writing:
        print(line, flush=True)


def ask(target, inner):
    global state
    number, letter = take_number(), Queue()
    with writing:
        state = replace(state, calls={**state.calls, number: letter})
    send(target, inner, number)
    try:
        return {"type": "proxy_ok", "result": letter.get(timeout=1)}
    except Empty:
        return {"type": "error", "code": 0, "text": "no reply"}


def handle(message):
    body = message["body"]
    match body["type"]:
        case "echo":
            answer = {"type": "echo_ok", "echo": body["echo"]}
        case "proxy":
            answer = ask(body["target"], body["inner"])
        case _:
            answer = {"type": "error", "code": 10, "text": "not supported"}
    send(message["src"], {**answer, "in_reply_to": body["msg_id"]}, take_number())


handlers = []
for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        state = replace(state, name=body["node_id"])
        send(message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"]}, take_number())
    elif "in_reply_to" in body:
        if letter := state.calls.get(body["in_reply_to"]):
            letter.put(body)
    else:
        handlers.append(threading.Thread(target=handle, args=(message,)))
        handlers[-1].start()
for handler in handlers:
    handler.join()
