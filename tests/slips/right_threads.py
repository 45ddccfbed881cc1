"""A right node with threads, written as a beginner writes one: the slips are made from it."""

import json
import queue
import sys
import threading
import time


class Node:
    def __init__(self):
        self.id = None
        self.next_msg_id = 0
        self.lock = threading.Lock()
        self.waiting = {}
        self.threads = []
        self.handlers = {"init": self.init, "echo": self.echo, "proxy": self.proxy}

    def run(self):
        for line in sys.stdin:
            try:
                message = json.loads(line)
                body = message["body"]
                message["src"]
                body.get("type")
            except (ValueError, TypeError, KeyError, AttributeError):
                continue
            if "in_reply_to" in body:
                with self.lock:
                    box = self.waiting.get(body["in_reply_to"])
                if box is not None:
                    box.put(body)
            elif body.get("type") == "proxy":
                thread = threading.Thread(target=self.dispatch, args=(message,))
                self.threads.append(thread)
                thread.start()
            elif "msg_id" in body:
                self.dispatch(message)
        for thread in self.threads:
            thread.join()

    def dispatch(self, message):
        body = message["body"]
        handler = self.handlers.get(body.get("type"))
        if handler is None:
            self.reply(message, {"type": "error", "code": 10, "text": "not supported"})
        elif missing := self.missing(body):
            self.reply(message, {"type": "error", "code": 12, "text": f"no {missing}"})
        else:
            handler(message)

    def missing(self, body):
        needs = {"init": ["node_id"], "echo": ["echo"], "proxy": ["target", "inner"]}
        return ", ".join(key for key in needs[body["type"]] if key not in body)

    def send(self, dest, body, box=None):
        with self.lock:
            msg_id = self.next_msg_id
            self.next_msg_id += 1
            if box is not None:
                self.waiting[msg_id] = box
            message = {"src": self.id, "dest": dest, "body": {**body, "msg_id": msg_id}}
            print(json.dumps(message), flush=True)
        return msg_id

    def reply(self, request, body):
        body["in_reply_to"] = request["body"]["msg_id"]
        self.send(request["src"], body)

    def rpc(self, dest, body):
        box = queue.Queue()
        msg_id = self.send(dest, body, box)
        try:
            return box.get(timeout=1)
        except queue.Empty:
            return None
        finally:
            with self.lock:
                del self.waiting[msg_id]

    def init(self, message):
        self.id = message["body"]["node_id"]
        self.reply(message, {"type": "init_ok"})

    def echo(self, message):
        self.reply(message, {"type": "echo_ok", "echo": message["body"]["echo"]})

    def proxy(self, message):
        body = message["body"]
        result = self.rpc(body["target"], body["inner"])
        if result is None:
            self.reply(message, {"type": "error", "code": 0, "text": "no reply"})
        else:
            self.reply(message, {"type": "proxy_ok", "result": result})


if __name__ == "__main__":
    started = time.monotonic()
    Node().run()
    print(f"served for {time.monotonic() - started:.1f} s", file=sys.stderr)
