# corpus: a thread for every message and no order between them; each works as long as its payload's checksum says
# expect: wrong-order
# suites: async-handler
# note: the canonical exchange fails or passes by its texts; the burst is certain
import json
import queue
import sys
import threading
import time
import zlib

threading.stack_size(256 * 1024)


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

    def handle(self, message):
        body, src = message["body"], message["src"]
        answer = {"in_reply_to": body.get("msg_id")}
        kind = body.get("type")
        if kind == "init":
            self.node_id = body["node_id"]
            answer["type"] = "init_ok"
        elif kind == "echo" and "echo" in body:
            time.sleep(zlib.crc32(str(body["echo"]).encode()) % 20 / 1000)
            answer.update(type="echo_ok", echo=body["echo"])
        elif kind == "proxy" and "target" in body and isinstance(body.get("inner"), dict):
            slot = queue.SimpleQueue()
            asked = self.write(body["target"], dict(body["inner"]), slot)
            try:
                answer.update(type="proxy_ok", result=slot.get(timeout=1))
            except queue.Empty:
                answer.update(type="error", code=0, text="no reply within a second")
            with self.lock:
                self.waiting.pop(asked, None)
        elif kind in ("echo", "proxy"):
            answer.update(type="error", code=12, text="a field is missing")
        else:
            answer.update(type="error", code=10, text=f"{kind} is not supported")
        self.write(src, answer)

    def main(self):
        threads = []
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
            threads.append(threading.Thread(target=self.handle, args=(message,)))
            threads[-1].start()
            threads = [t for t in threads if t.is_alive()] if len(threads) > 500 else threads
        for thread in threads:
            thread.join()


Node().main()
