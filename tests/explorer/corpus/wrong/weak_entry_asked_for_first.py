# corpus: it asks whether the table that holds weakly has an entry, and takes it then: in between another lets go of the last
# finds: data-race
# misconception: none
# preemptions: 2
# outcome: no-reply
# lines: 47
# workload: two-echoes
import json
import sys
import threading
import weakref
import queue


class Style:
    """How replies of one type look; kept for as long as somebody writes one."""

    def __init__(self, kind):
        self.kind = kind

    def draw(self, body):
        return dict(body, type=self.kind)


class Node:
    def __init__(self):
        self.name = ""
        self.count = 0
        self.out = threading.Lock()
        self.pending = {}
        self.styles = weakref.WeakValueDictionary()
        self.threads = []

    def send(self, dest, body, box=None):
        with self.out:
            n = self.count
            self.count = n + 1
            if box is not None:
                self.pending[n] = box
            line = json.dumps({"src": self.name, "dest": dest, "body": {**body, "msg_id": n}})
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
        return n

    def style(self, kind):
        if kind in self.styles:
            return self.styles[kind]
        style = Style(kind)
        self.styles[kind] = style
        return style

    def answer(self, msg, body):
        style = self.style(body["type"])
        body = style.draw(body)
        self.send(msg["src"], {**body, "in_reply_to": msg["body"]["msg_id"]})

    def ask(self, dest, body):
        box = queue.SimpleQueue()
        n = self.send(dest, body, box)
        try:
            return box.get(timeout=1.0)
        except queue.Empty:
            return None
        finally:
            self.pending.pop(n, None)

    def handle(self, msg):
        body = msg["body"]
        kind = body.get("type")
        if kind == "echo":
            if "echo" not in body:
                self.answer(msg, {"type": "error", "code": 12, "text": "echo is missing"})
            else:
                self.answer(msg, {"type": "echo_ok", "echo": body["echo"]})
        elif kind == "proxy":
            if "target" not in body or "inner" not in body:
                self.answer(msg, {"type": "error", "code": 12, "text": "a field is missing"})
                return
            got = self.ask(body["target"], body["inner"])
            if got is None:
                self.answer(msg, {"type": "error", "code": 0, "text": "no reply"})
            else:
                self.answer(msg, {"type": "proxy_ok", "result": got})
        else:
            self.answer(msg, {"type": "error", "code": 10, "text": "not supported"})

    def run(self):
        for line in sys.stdin:
            try:
                msg = json.loads(line)
                body = msg["body"]
                msg["src"]
            except (ValueError, TypeError, KeyError):
                continue
            if "in_reply_to" in body:
                box = self.pending.pop(body["in_reply_to"], None)
                if box is not None:
                    box.put(body)
            elif body.get("type") == "init":
                self.name = body["node_id"]
                self.answer(msg, {"type": "init_ok"})
            else:
                t = threading.Thread(target=self.handle, args=(msg,))
                t.start()
                self.threads.append(t)
        for t in self.threads:
            t.join()


Node().run()
