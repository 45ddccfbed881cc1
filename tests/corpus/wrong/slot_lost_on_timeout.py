# corpus: eight may be at the table of those that wait; whoever gives up keeps their slot of the semaphore
# expect: no-reply
# suites: async-handler=passed rpc
import json
import queue
import sys
import threading


class Node:
    def __init__(self):
        self.id = None
        self.next_msg_id = 0
        self.lock = threading.Lock()
        self.table = threading.Semaphore(8)
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
                continue
            if "msg_id" not in body:
                continue
            if body.get("type") == "proxy":
                thread = threading.Thread(target=self.dispatch, args=(message,))
                self.threads.append(thread)
                thread.start()
            else:
                self.dispatch(message)
        for thread in self.threads:
            thread.join()

    def dispatch(self, message):
        body = message["body"]
        handler = self.handlers.get(body.get("type"))
        try:
            if handler is None:
                self.reply(message, {"type": "error", "code": 10, "text": "not supported"})
            else:
                handler(message)
        except KeyError as missing:
            self.reply(message, {"type": "error", "code": 12, "text": f"{missing} is missing"})

    def send(self, dest, body, box=None):
        with self.lock:
            body["msg_id"] = self.next_msg_id
            self.next_msg_id += 1
            if box is not None:
                self.waiting[body["msg_id"]] = box
            print(json.dumps({"src": self.id, "dest": dest, "body": body}), flush=True)
        return body["msg_id"]

    def reply(self, request, body):
        body["in_reply_to"] = request["body"]["msg_id"]
        self.send(request["src"], body)

    def rpc(self, dest, body):
        box = queue.Queue()
        self.table.acquire()
        msg_id = self.send(dest, dict(body), box)
        self.table.release()
        try:
            result = box.get(timeout=1)
        except queue.Empty:
            self.table.acquire()
            del self.waiting[msg_id]
            return None
        self.table.acquire()
        del self.waiting[msg_id]
        self.table.release()
        return result

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
    Node().run()
