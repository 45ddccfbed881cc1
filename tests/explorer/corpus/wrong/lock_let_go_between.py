# corpus: a counter with a locked getter and a locked setter; the lock is let go between the two
# finds: data-race
# misconception: lock-let-go-between
# preemptions: 1
# outcome: duplicate-msg-id
# lines: 22 27
# workload: two-echoes
import json
import queue
import sys
import threading


class Counter:
    def __init__(self):
        self._lock = threading.Lock()
        self._value = 0

    @property
    def value(self):
        with self._lock:
            return self._value

    @value.setter
    def value(self, new):
        with self._lock:
            self._value = new


class Node:
    def __init__(self):
        self.counter = Counter()
        self.stdout = threading.Lock()
        self.boxes = {}
        self.node_id = None

    def new_id(self):
        number = self.counter.value
        self.counter.value = number + 1
        return number

    def write(self, dest, **body):
        with self.stdout:
            print(json.dumps({"src": self.node_id, "dest": dest, "body": body}), flush=True)

    def on_echo(self, message, ref):
        self.write(message["src"], type="echo_ok", echo=message["body"]["echo"], in_reply_to=ref, msg_id=self.new_id())

    def on_proxy(self, message, ref):
        number = self.new_id()
        box = self.boxes[number] = queue.Queue(1)
        self.write(message["body"]["target"], **message["body"]["inner"], msg_id=number)
        try:
            body = {"type": "proxy_ok", "result": box.get(timeout=1)}
        except queue.Empty:
            body = {"type": "error", "code": 0}
        del self.boxes[number]
        self.write(message["src"], **body, in_reply_to=ref, msg_id=self.new_id())

    def on_other(self, message, ref):
        self.write(message["src"], type="error", code=10, in_reply_to=ref, msg_id=self.new_id())

    def run(self):
        for line in sys.stdin:
            message = json.loads(line)
            body = message["body"]
            if body["type"] == "init":
                self.node_id = body["node_id"]
                self.write(message["src"], type="init_ok", in_reply_to=body["msg_id"], msg_id=self.new_id())
            elif "in_reply_to" in body:
                box = self.boxes.get(body["in_reply_to"])
                if box is not None and box.empty():
                    box.put(body)
            else:
                handler = getattr(self, "on_" + body["type"], self.on_other)
                threading.Thread(target=handler, args=(message, body["msg_id"])).start()


if __name__ == "__main__":
    Node().run()
