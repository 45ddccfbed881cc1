# corpus: one writer waits on a condition in a while loop; it asks before it sleeps, so that no signal is missed
# finds: nothing
# suites: rpc maelstrom-echo
import itertools
import json
import sys
import threading
from queue import Empty, SimpleQueue

ids = itertools.count()
outbox = []
work = threading.Condition()
done = False
slots = {}
node_id = None


def writer():
    while True:
        with work:
            while not outbox and not done:
                work.wait()
            if not outbox:
                return
            lines, outbox[:] = list(outbox), []
        print("\n".join(lines), flush=True)


def send(dest, number, body):
    with work:
        outbox.append(json.dumps({"src": node_id, "dest": dest, "body": {**body, "msg_id": number}}))
        work.notify()


def handle(message):
    body = message["body"]
    answer = {"type": "error", "code": 10, "text": "not supported"}
    if body["type"] == "echo":
        answer = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] == "proxy":
        number, slot = next(ids), SimpleQueue()
        slots[number] = slot
        send(body["target"], number, body["inner"])
        try:
            answer = {"type": "proxy_ok", "result": slot.get(timeout=1)}
        except Empty:
            answer = {"type": "error", "code": 0, "text": "no reply"}
    send(message["src"], next(ids), {**answer, "in_reply_to": body["msg_id"]})


writing = threading.Thread(target=writer)
writing.start()
threads = []
for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        node_id = body["node_id"]
        send(message["src"], next(ids), {"type": "init_ok", "in_reply_to": body["msg_id"]})
    elif "in_reply_to" in body:
        if slot := slots.pop(body["in_reply_to"], None):
            slot.put(body)
    else:
        threads.append(threading.Thread(target=handle, args=(message,)))
        threads[-1].start()
for thread in threads:
    thread.join()
with work:
    done = True
    work.notify_all()
writing.join()
