# corpus: the reply has taken the entry out just as its handler gives up: `del` raises in the handler's thread
# finds: data-race
# misconception: none
# preemptions: 1
# outcome: no-reply
# lines: 24 28
# workload: proxy-late
import json
import sys
import threading


class Pending:
    def __init__(self):
        self._lock = threading.Lock()
        self._entries = {}

    def __setitem__(self, number, entry):
        with self._lock:
            self._entries[number] = entry

    def __delitem__(self, number):
        with self._lock:
            del self._entries[number]

    def pop(self, number):
        with self._lock:
            return self._entries.pop(number, None)


class Entry:
    reply = None

    def __init__(self):
        self.ready = threading.Event()


class Node:
    def __init__(self):
        self.pending = Pending()
        self.write_lock = threading.Lock()
        self.node_id = None
        self.msg_id = 0

    def send(self, dest, body, entry=None):
        with self.write_lock:
            number = self.msg_id
            self.msg_id += 1
            if entry:
                self.pending[number] = entry
            sys.stdout.write(f"{json.dumps(dict(src=self.node_id, dest=dest, body=dict(body, msg_id=number)))}\n")
            sys.stdout.flush()
        return number

    def reply(self, message, **body):
        self.send(message["src"], dict(body, in_reply_to=message["body"]["msg_id"]))

    def proxy(self, message, target, inner):
        entry = Entry()
        number = self.send(target, inner, entry)
        if entry.ready.wait(1):
            self.reply(message, type="proxy_ok", result=entry.reply)
        else:
            del self.pending[number]
            self.reply(message, type="error", code=0, text="timeout")

    def dispatch(self, message):
        match message["body"]:
            case {"type": "echo", "echo": value}:
                self.reply(message, type="echo_ok", echo=value)
            case {"type": "proxy", "target": target, "inner": inner}:
                self.proxy(message, target, inner)
            case {"type": "echo" | "proxy"}:
                self.reply(message, type="error", code=12, text="malformed")
            case _:
                self.reply(message, type="error", code=10, text="unsupported")

    def main(self):
        threads = []
        for line in sys.stdin:
            try:
                message = json.loads(line)
                body = message["body"]
                message["src"], body.get("type")
            except (ValueError, KeyError, TypeError, AttributeError) as e:
                print(e, file=sys.stderr)
                continue
            if "in_reply_to" in body:
                entry = self.pending.pop(body["in_reply_to"])
                if entry is not None:
                    entry.reply = body
                    entry.ready.set()
            elif body.get("type") == "init":
                self.node_id = body["node_id"]
                self.reply(message, type="init_ok")
            elif "msg_id" in body:
                threads.append(threading.Thread(target=self.dispatch, args=(message,)))
                threads[-1].start()
        for thread in threads:
            thread.join()


Node().main()
