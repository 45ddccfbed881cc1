# corpus: the worker calls task_done before it writes the reply, so the main thread may end the process between the two
# finds: lost-at-eof
# misconception: nobody-waits-for-the-threads
# preemptions: 1
# outcome: lost-at-eof
# lines: 32 70
# workload: ends-early
import json
import os
import queue
import sys
import threading

jobs = queue.Queue()
table = {}
table_lock = threading.Lock()
write_lock = threading.Lock()
serial = 0
node_id = None


def write(dest, body, note=None):
    global serial
    with write_lock:
        body["msg_id"] = serial
        serial += 1
        if note is not None:
            with table_lock:
                table[body["msg_id"]] = note
        data = json.dumps({"src": node_id, "dest": dest, "body": body}).encode() + b"\n"
        while data:
            data = data[os.write(1, data):]
    return body["msg_id"]


def worker():
    while True:
        src, body = jobs.get()
        kind = body["type"]
        if kind == "init":
            reply = {"type": "init_ok"}
        elif kind == "echo" and "echo" in body:
            reply = {"type": "echo_ok", "echo": body["echo"]}
        elif kind == "echo" or kind == "proxy":
            reply = {"type": "error", "code": 12, "text": "missing"}
        else:
            reply = {"type": "error", "code": 10, "text": "unknown"}
        reply["in_reply_to"] = body["msg_id"]
        jobs.task_done()
        write(src, reply)


def proxy(src, body):
    mailbox = queue.Queue()
    number = write(body["target"], dict(body["inner"]), mailbox)
    try:
        result = mailbox.get(timeout=1)
        reply = {"type": "proxy_ok", "result": result}
    except queue.Empty:
        with table_lock:
            table.pop(number, None)
        reply = {"type": "error", "code": 0, "text": "timeout"}
    reply["in_reply_to"] = body["msg_id"]
    write(src, reply)


def main():
    global node_id
    threading.Thread(target=worker, daemon=True).start()
    for line in sys.stdin:
        try:
            msg = json.loads(line)
            src, body = msg["src"], msg["body"]
            kind = body["type"]
        except (ValueError, TypeError, KeyError):
            continue
        if "in_reply_to" in body:
            with table_lock:
                mailbox = table.pop(body["in_reply_to"], None)
            if mailbox:
                mailbox.put(body)
        elif kind == "proxy" and "target" in body and "inner" in body:
            threading.Thread(target=proxy, args=(src, body)).start()
        else:
            if kind == "init":
                node_id = body["node_id"]
            jobs.put((src, body))
    jobs.join()


if __name__ == "__main__":
    main()
