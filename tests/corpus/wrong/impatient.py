# corpus: gives a peer 20 ms to answer, a thousandth where a second was meant
# expect: wrong-type
# suites: rpc
import json
import queue
import sys
import threading

threading.stack_size(256 * 1024)


class Ticket:
    """A turn: over once it is released and the turns before it are over."""

    def __init__(self, before):
        self.before, self.over = before, threading.Event()

    def wait(self):
        if self.before is not None:
            self.before.over.wait()
            self.before = None

    def release(self):
        self.wait()
        self.over.set()


class Node:
    def __init__(self):
        self.node_id = None
        self.lock = threading.Lock()
        self.next_id = 0
        self.waiting = {}

    def write(self, dest, body, slot=None):
        with self.lock:
            body["msg_id"] = self.next_id
            self.next_id += 1
            if slot is not None:
                self.waiting[body["msg_id"]] = slot
            print(json.dumps({"src": self.node_id, "dest": dest, "body": body}), flush=True)
            return body["msg_id"]

    def handle(self, message, ticket):
        body, src = message["body"], message["src"]
        answer = {"in_reply_to": body.get("msg_id")}
        kind = body.get("type")
        if kind == "init":
            self.node_id = body["node_id"]
            answer["type"] = "init_ok"
        elif kind == "echo" and "echo" in body:
            answer.update(type="echo_ok", echo=body["echo"])
        elif kind == "proxy" and "target" in body and isinstance(body.get("inner"), dict):
            slot = queue.SimpleQueue()
            ticket.wait()
            asked = self.write(body["target"], dict(body["inner"]), slot)
            ticket.release()
            try:
                answer.update(type="proxy_ok", result=slot.get(timeout=0.02))
            except queue.Empty:
                answer.update(type="error", code=0, text="no reply within a second")
            with self.lock:
                self.waiting.pop(asked, None)
        elif kind in ("echo", "proxy"):
            answer.update(type="error", code=12, text="a field is missing")
        else:
            answer.update(type="error", code=10, text=f"{kind} is not supported")
        ticket.wait()
        self.write(src, answer)
        ticket.release()

    def main(self):
        threads, last = [], None
        for line in sys.stdin:
            try:
                message = json.loads(line)
                body = message["body"]
                if not isinstance(message["src"], str) or not isinstance(body, dict):
                    raise ValueError("no message")
            except Exception as error:
                print("bad line:", repr(error), file=sys.stderr)
                continue
            if "in_reply_to" in body:
                with self.lock:
                    slot = self.waiting.pop(body["in_reply_to"], None)
                if slot is not None:
                    slot.put(body)
                continue
            last = Ticket(last)
            threads.append(threading.Thread(target=self.handle, args=(message, last)))
            threads[-1].start()
            threads = [t for t in threads if t.is_alive()] if len(threads) > 500 else threads
        for thread in threads:
            thread.join()


Node().main()
