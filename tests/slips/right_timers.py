"""A right node with a mailbox, timers and a writer; who waits is a function: slips are made from it."""

import json
import queue
import sys
import threading

mailbox = queue.Queue()
outbox = queue.Queue()


def reader():
    for line in sys.stdin:
        try:
            msg = json.loads(line)
            body = msg["body"]
            if "in_reply_to" not in body:
                msg["src"], body["type"], body["msg_id"]
            mailbox.put(("message", msg))
        except (ValueError, KeyError, TypeError):
            sys.stderr.write("skipped: " + line)
    mailbox.put(("eof", None))


def writer():
    while True:
        message = outbox.get()
        if message is None:
            break
        sys.stdout.write(json.dumps(message))
        sys.stdout.write("\n")
        sys.stdout.flush()


class Actor:
    def __init__(self):
        self.name = None
        self.names = []
        self.count = 0
        self.callbacks = {}
        self.at_eof = False

    def send(self, dest, body):
        number = self.count
        self.count += 1
        body = dict(body)
        body["msg_id"] = number
        outbox.put({"src": self.name, "dest": dest, "body": body})
        return number

    def reply(self, msg, body):
        self.send(msg["src"], dict(body, in_reply_to=msg["body"]["msg_id"]))

    def proxy(self, msg):
        body = msg["body"]

        def done(result):
            if result is None:
                self.reply(msg, {"type": "error", "code": 0, "text": "timed out"})
            else:
                self.reply(msg, {"type": "proxy_ok", "result": result})

        number = self.send(body["target"], body["inner"])
        self.callbacks[number] = done
        timer = threading.Timer(1.0, mailbox.put, args=[("timeout", number)])
        timer.daemon = True
        timer.start()

    def on_message(self, msg):
        body = msg["body"]
        if "in_reply_to" in body:
            done = self.callbacks.pop(body["in_reply_to"], None)
            if done:
                done(body)
            return
        kind = body["type"]
        if kind == "init" and "node_id" in body:
            self.name = body["node_id"]
            self.names = list(body["node_ids"])
            self.reply(msg, {"type": "init_ok"})
        elif kind == "echo" and "echo" in body:
            self.reply(msg, {"type": "echo_ok", "echo": body["echo"]})
        elif kind == "proxy" and "target" in body and isinstance(body.get("inner"), dict):
            if body["target"] in self.names:
                self.proxy(msg)
            else:
                self.reply(msg, {"type": "error", "code": 1, "text": "not found"})
        elif kind in ("init", "echo", "proxy"):
            self.reply(msg, {"type": "error", "code": 12, "text": "malformed"})
        else:
            self.reply(msg, {"type": "error", "code": 10, "text": "not supported"})

    def run(self):
        while not (self.at_eof and not self.callbacks):
            what, value = mailbox.get()
            if what == "message":
                self.on_message(value)
            elif what == "timeout":
                done = self.callbacks.pop(value, None)
                if done:
                    done(None)
            elif what == "eof":
                self.at_eof = True


if __name__ == "__main__":
    write_thread = threading.Thread(target=writer)
    write_thread.start()
    threading.Thread(target=reader, daemon=True).start()
    Actor().run()
    outbox.put(None)
    write_thread.join()
