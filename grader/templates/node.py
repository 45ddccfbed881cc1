"""A node that handles one message at a time: the start of the exercise.

It reads JSON messages on stdin, one a line, and writes JSON messages on stdout, one a line.
Everything that it says is right. But while `proxy` waits for another node, nobody else is served.
"""

import json
import sys


class Node:
    def __init__(self):
        self.id = None
        self.node_ids = []
        self.next_msg_id = 0
        self.put_aside = []  # messages that came while a handler waited
        self.handlers = {"init": self.init, "echo": self.echo, "proxy": self.proxy}

    def run(self):
        while (message := self.read()) is not None:
            self.dispatch(message)

    def read(self):
        """The next message, or None at the end of input."""
        if self.put_aside:
            return self.put_aside.pop(0)
        return self.read_from_stdin()

    def read_from_stdin(self):
        for line in sys.stdin:
            try:
                message = json.loads(line)
                if isinstance(message["src"], str) and isinstance(message["body"], dict):
                    return message
            except (ValueError, TypeError, KeyError):
                pass
            if line.strip():
                print("not a message:", line.strip(), file=sys.stderr)
        return None

    def dispatch(self, message):
        body = message["body"]
        if "in_reply_to" in body or "msg_id" not in body:
            return  # a reply that nobody waits for any more, or nothing that wants an answer
        handler = self.handlers.get(body.get("type"))
        try:
            if handler is None:
                self.reply(message, {"type": "error", "code": 10, "text": "not supported"})
            else:
                handler(message)
        except KeyError as missing:
            self.reply(message, {"type": "error", "code": 12, "text": f"{missing} is missing"})

    def send(self, dest, body):
        body["msg_id"] = self.next_msg_id
        self.next_msg_id += 1
        print(json.dumps({"src": self.id, "dest": dest, "body": body}), flush=True)
        return body["msg_id"]

    def reply(self, request, body):
        body["in_reply_to"] = request["body"]["msg_id"]
        self.send(request["src"], body)

    def rpc(self, dest, body):
        """Ask another node, wait for its reply, and return the reply's body; None if none can come."""
        msg_id = self.send(dest, dict(body))
        while (message := self.read_from_stdin()) is not None:
            if message["body"].get("in_reply_to") == msg_id:
                return message["body"]
            self.put_aside.append(message)  # somebody else has to wait
        return None

    # The handlers.

    def init(self, message):
        self.id = message["body"]["node_id"]
        self.node_ids = message["body"]["node_ids"]
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
    Node().run()
