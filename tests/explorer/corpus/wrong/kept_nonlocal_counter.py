# corpus: closures share a counter that each binds again, reading and writing it in two steps
# finds: data-race
# misconception: nobody-comes-between
# preemptions: 1
# outcome: duplicate-msg-id
# lines: 23 25
# workload: two-echoes
import json
import queue
import sys
import threading


def make():
    next_id = 0
    me = None
    slots = {}
    out = threading.Lock()
    threads = []

    def send(dest, body, slot=None):
        nonlocal next_id
        number = next_id
        line = json.dumps({"src": me, "dest": dest, "body": {**body, "msg_id": number}})
        next_id = number + 1
        if slot is not None:
            slots[number] = slot
        with out:
            print(line, flush=True)

    def serve(message):
        body = message["body"]
        if body["type"] == "echo":
            answer = {"type": "echo_ok", "echo": body["echo"]}
        elif body["type"] == "proxy":
            slot = queue.SimpleQueue()
            send(body["target"], body["inner"], slot)
            try:
                answer = {"type": "proxy_ok", "result": slot.get(timeout=1)}
            except queue.Empty:
                answer = {"type": "error", "code": 0, "text": "no reply"}
        else:
            answer = {"type": "error", "code": 10, "text": "not supported"}
        send(message["src"], {**answer, "in_reply_to": body["msg_id"]})

    def main():
        nonlocal me
        for line in sys.stdin:
            message = json.loads(line)
            body = message["body"]
            if body["type"] == "init":
                me = body["node_id"]
                send(message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"]})
            elif "in_reply_to" in body:
                if slot := slots.pop(body["in_reply_to"], None):
                    slot.put(body)
            else:
                threads.append(threading.Thread(target=serve, args=(message,)))
                threads[-1].start()
        for thread in threads:
            thread.join()

    return main


make()()
