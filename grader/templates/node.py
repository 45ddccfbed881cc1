"""A node that serves a message at a time: the start of the exercise, in the six parts that every node has."""

import json
import sys


class Node:
    def __init__(self):
        self.id = None
        self.node_ids = []
        self.handlers = {}
        self.next_id = 0  # for the next message
        self.put_aside = []  # messages that came while a handler waited

    # --- read ---

    def run(self):
        while (message := self.read()) is not None:
            self.dispatch(message)
        self.drain()

    def read(self):
        """The next message, or None at the end of input."""
        if self.put_aside:
            return self.put_aside.pop(0)
        return self.read_on()

    def read_on(self):
        for line in sys.stdin:
            if (message := parse(line)) is not None:
                return message
        return None

    # --- init ---

    def init(self, message):
        """Learn our name, and say so."""
        self.id = message["body"]["node_id"]
        self.node_ids = message["body"]["node_ids"]
        self.reply(message, {"type": "init_ok"})

    # --- dispatch ---

    def dispatch(self, message):
        """Give this message to whoever serves it."""
        if "in_reply_to" in message["body"]:
            return  # nobody waits for it any more
        if message["body"].get("type") == "init":
            self.init(message)
        else:
            self.handle(message)

    def handle(self, message):
        """Run the handler of this request."""
        kind = message["body"].get("type")
        try:
            if kind in self.handlers:
                self.handlers[kind](message)
            else:
                self.reply(message, {"type": "error", "code": 10, "text": f"not supported: {kind}"})
        except KeyError as field:
            self.reply(message, {"type": "error", "code": 12, "text": f"{field} is missing"})

    # --- guard ---

    def say(self, dest, body):
        """Give a message the next number, and write it."""
        number = self.next_id
        self.next_id = number + 1
        message = {"src": self.id, "dest": dest, "body": {**body, "msg_id": number}}
        print(json.dumps(message), flush=True)
        return number

    # --- reply ---

    def reply(self, message, body):
        """Answer this request with this body."""
        self.say(message["src"], {**body, "in_reply_to": message["body"]["msg_id"]})

    def rpc(self, dest, body):
        """Ask another node; the body of its reply, or None if none can come any more."""
        number = self.say(dest, body)
        while (message := self.read_on()) is not None:
            if message["body"].get("in_reply_to") == number:
                return message["body"]
            self.put_aside.append(message)  # somebody else has to wait
        return None

    # --- drain ---

    def drain(self):
        """Nothing is left to do: each message was served before the next one was read."""


def parse(line):
    """The message on this line; None, and a word on stderr, if there is none to be served."""
    try:
        message = json.loads(line)
        body = message["body"]
        if isinstance(message["src"], str) and isinstance(body, dict) and {"msg_id", "in_reply_to"} & set(body):
            return message
    except (ValueError, TypeError, KeyError):
        pass
    if line.strip():
        print("not a message:", line.strip()[:100], file=sys.stderr)
    return None


node = Node()


def echo(message):
    node.reply(message, {"type": "echo_ok", "echo": message["body"]["echo"]})


def proxy(message):
    body = message["body"]
    result = node.rpc(body["target"], body["inner"])
    if result is None:
        node.reply(message, {"type": "error", "code": 0, "text": "no reply"})
    else:
        node.reply(message, {"type": "proxy_ok", "result": result})


node.handlers = {"echo": echo, "proxy": proxy}

if __name__ == "__main__":
    node.run()
