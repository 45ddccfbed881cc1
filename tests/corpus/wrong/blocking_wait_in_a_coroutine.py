# corpus: asyncio; the coroutine waits with a thread's event, which stops the whole loop
# expect: blocked
# suites: rpc
import asyncio
import json
import sys
import threading

END = object()


def feed(loop, inbox):
    for raw in sys.stdin.buffer:
        loop.call_soon_threadsafe(inbox.put_nowait, raw)
    loop.call_soon_threadsafe(inbox.put_nowait, END)


class Server(object):

    def __init__(self):
        self.name = None
        self.ids = iter(range(10**12))
        self.calls = {}
        self.jobs = []

    def write(self, dest, body):
        body["msg_id"] = next(self.ids)
        sys.stdout.write("%s\n" % json.dumps({"src": self.name, "dest": dest, "body": body}))
        sys.stdout.flush()
        return body["msg_id"]

    def answer(self, request, kind, **fields):
        fields.update(type=kind, in_reply_to=request["body"]["msg_id"])
        self.write(request["src"], fields)

    async def do_proxy(self, request, target, inner):
        call = threading.Event()
        number = self.write(target, dict(inner))
        self.calls[number] = call
        try:
            if not call.wait(timeout=1):
                raise asyncio.TimeoutError
        except asyncio.TimeoutError:
            self.answer(request, "error", code=0, text="timeout")
        else:
            self.answer(request, "proxy_ok", result=call.body)
        finally:
            self.calls.pop(number, None)

    def on_message(self, request):
        body = request["body"]
        kind = body["type"]
        if "in_reply_to" in body:
            call = self.calls.pop(body["in_reply_to"], None)
            if call is not None:
                call.body = body
                call.set()
        elif kind == "init":
            self.name = body["node_id"]
            self.answer(request, "init_ok")
        elif kind == "echo" and "echo" in body:
            self.answer(request, "echo_ok", echo=body["echo"])
        elif kind == "proxy" and "target" in body and "inner" in body:
            self.jobs.append(asyncio.ensure_future(self.do_proxy(request, body["target"], body["inner"])))
        elif kind in ("echo", "proxy"):
            self.answer(request, "error", code=12, text="incomplete " + kind)
        else:
            self.answer(request, "error", code=10, text="unknown type")

    async def run(self):
        inbox = asyncio.Queue()
        threading.Thread(target=feed, args=(asyncio.get_running_loop(), inbox), daemon=True).start()
        while True:
            raw = await inbox.get()
            if raw is END:
                break
            try:
                self.on_message(json.loads(raw))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                sys.stderr.write("bad line %r: %r\n" % (raw[:80], error))
        if self.jobs:
            await asyncio.wait(self.jobs)


asyncio.run(Server().run())
