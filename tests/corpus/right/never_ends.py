# corpus: stays for 20 s after end of input, everything answered
# expect: passed
# suites: maelstrom-echo
# note: right where the end of input is not judged; async-handler: hung-after-eof; rpc: the same if a case of it has a close step
import json
import queue
import sys
import threading
import time

requests = queue.Queue()
proxies = queue.Queue()
outgoing = queue.Queue()
by_msg_id = {}      # our msg_id -> the queue on which a proxy worker waits
guard = threading.Lock()
idle = 0
workers = []
my_id = None


def writer():
    number = 0
    while (item := outgoing.get()) is not None:
        dest, body, inbox = item
        body["msg_id"] = number
        if inbox is not None:
            with guard:
                by_msg_id[number] = inbox
        number += 1
        sys.stdout.write(json.dumps({"src": my_id, "dest": dest, "body": body}) + "\n")
        if outgoing.empty():
            sys.stdout.flush()
    sys.stdout.flush()


def requester():
    global my_id, idle
    while (item := requests.get()) is not None:
        src, body = item
        kind, ref = body.get("type"), body.get("msg_id")
        if kind == "init":
            my_id = body["node_id"]
            outgoing.put((src, {"type": "init_ok", "in_reply_to": ref}, None))
        elif kind == "echo" and "echo" in body:
            outgoing.put((src, {"type": "echo_ok", "echo": body["echo"], "in_reply_to": ref}, None))
        elif kind == "proxy" and "target" in body and "inner" in body:
            with guard:
                short = idle == 0
                idle -= 0 if short else 1
            if short:
                workers.append(threading.Thread(target=proxy_worker))
                workers[-1].start()
            proxies.put((src, body))
        else:
            code, text = (12, "malformed") if kind in ("echo", "proxy") else (10, "unsupported")
            outgoing.put((src, {"type": "error", "code": code, "text": text, "in_reply_to": ref}, None))


def proxy_worker():
    global idle
    while (item := proxies.get()) is not None:
        src, body = item
        inbox = queue.Queue()
        outgoing.put((body["target"], dict(body["inner"]), inbox))
        try:
            answer = {"type": "proxy_ok", "result": inbox.get(timeout=1)}
        except queue.Empty:
            answer = {"type": "error", "code": 0, "text": "timeout"}
        answer["in_reply_to"] = body["msg_id"]
        outgoing.put((src, answer, None))
        with guard:
            idle += 1


def main():
    pair = [threading.Thread(target=writer), threading.Thread(target=requester)]
    for thread in pair:
        thread.start()
    for line in sys.stdin:
        try:
            message = json.loads(line)
            src, body = message["src"], message["body"]
            reply = "in_reply_to" in body and isinstance(body, dict)
            assert isinstance(body, dict)
        except Exception as error:
            print("bad:", error, line[:40], file=sys.stderr)
            continue
        if reply:
            with guard:
                inbox = by_msg_id.pop(body["in_reply_to"], None)
            if inbox is not None:
                inbox.put(body)
        else:
            requests.put((src, body))
    requests.put(None)
    pair[1].join()
    for _ in workers:
        proxies.put(None)
    for worker in workers:
        worker.join()
    outgoing.put(None)
    pair[0].join()
    time.sleep(20)


main()
