# corpus: who asked looks for the reply first, and waits for it then
# finds: data-race
# misconception: none
# preemptions: 0
# outcome: wrong-type
# lines: 68 82
# workload: proxy-held
"""My node: the main thread reads, every proxy gets a thread and an Event."""
import json
import sys
import threading


class Call:
    """One question to another node that is not answered yet."""

    def __init__(self, target):
        self.target = target
        self.answered = threading.Event()
        self.body = None


class Node:
    def __init__(self):
        self.name = None
        self.count = 0
        self.calls = {}
        self.workers = []
        self.lock = threading.Lock()

    def write(self, dest, body, call=None):
        """Write one message; remember the call if it is a question."""
        with self.lock:
            number = self.count
            self.count += 1
            if call is not None:
                self.calls[number] = call
            message = {"src": self.name, "dest": dest, "body": {**body, "msg_id": number}}
            sys.stdout.write(json.dumps(message) + "\n")
            sys.stdout.flush()
        return number

    def reply(self, request, body):
        asked = request["body"]["msg_id"]
        self.write(request["src"], {**body, "in_reply_to": asked})

    def error(self, request, code, text):
        self.reply(request, {"type": "error", "code": code, "text": text})

    def on_init(self, request):
        self.name = request["body"]["node_id"]
        self.reply(request, {"type": "init_ok"})

    def on_echo(self, request):
        value = request["body"]["echo"]
        self.reply(request, {"type": "echo_ok", "echo": value})

    def on_proxy(self, request):
        target = request["body"]["target"]
        inner = request["body"]["inner"]
        worker = threading.Thread(target=self.ask, args=(request, target, inner))
        self.workers.append(worker)
        worker.start()

    def ask(self, request, target, inner):
        call = Call(target)
        number = self.write(target, inner, call)
        body = call.body
        call.answered.wait(1.0)
        with self.lock:
            self.calls.pop(number, None)
        if body is None:
            self.error(request, 0, "timeout")
        else:
            self.reply(request, {"type": "proxy_ok", "result": body})

    def on_answer(self, message):
        """Somebody answered a question of mine."""
        with self.lock:
            call = self.calls.pop(message["body"]["in_reply_to"], None)
            if call is not None:
                call.body = message["body"]
                call.answered.set()

    def handle(self, message):
        body = message["body"]
        if "in_reply_to" in body:
            self.on_answer(message)
            return
        handlers = {"init": self.on_init, "echo": self.on_echo, "proxy": self.on_proxy}
        handler = handlers.get(body["type"])
        if handler is None:
            self.error(message, 10, "I don't know " + str(body["type"]))
            return
        try:
            handler(message)
        except KeyError as missing:
            self.error(message, 12, "missing field " + str(missing))

    def run(self):
        for line in sys.stdin.buffer:
            try:
                message = json.loads(line)
                message["src"], message["body"]["type"]
            except (ValueError, KeyError, TypeError):
                continue
            self.handle(message)
        for worker in self.workers:
            worker.join()


if __name__ == "__main__":
    Node().run()
