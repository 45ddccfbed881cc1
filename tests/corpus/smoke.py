"""Tries the nodes of the corpus by hand: `python smoke.py [--jobs N] [FILE ...]`.

This is not the grader and shares nothing with it. It holds a few conversations with each node and prints what it
saw that a right node would not do, one line a conversation. A file under right/ should print "ok"; a file under
wrong/ should print symptoms of its own bug and of no other (mutants that have no file are left out). The exit status is 1 if a right node showed a symptom
or a wrong one showed none.
"""

import json
import os
import pathlib
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

HERE = pathlib.Path(__file__).resolve().parent


def header(path):
    """The keys of the header comment: corpus, expect, suites, platforms, note."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines()[:14]:
        text = line.strip().lstrip("#/*-; ").rstrip("*/ ")
        key, colon, value = text.partition(":")
        if colon and key in ("corpus", "expect", "suites", "platforms", "note"):
            found.setdefault(key, value.strip())
    return found


def command(path, scratch):
    if path.suffix == ".py":
        return [sys.executable, str(path)]
    if path.suffix == ".js":
        return ["node", str(path)]
    if path.suffix == ".c":
        binary = pathlib.Path(scratch, path.stem)
        subprocess.run(["cc", "-O1", "-pthread", "-o", str(binary), str(path)], check=True)
        return [str(binary)]
    return [str(path)]


class Node:
    """A running node: lines in, lines out with their times."""

    def __init__(self, argv):
        self.mark = f"CORPUS_SMOKE={os.getpid()}-{id(self)}-{time.monotonic_ns()}"
        env = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}
        env.update([self.mark.split("=")])
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        bufsize=0, start_new_session=True, env=env)
        self.lines = queue.Queue()
        self.got = []
        self.stderr = b""
        self.to_write = queue.Queue()
        self.patience = time.monotonic() + 15  # for the whole conversation
        for work in (self._out, self._err, self._in):
            threading.Thread(target=work, daemon=True).start()

    def _out(self):
        size = 0
        for line in self.process.stdout:
            size += len(line)
            if size > 30_000_000:
                self.lines.put((time.monotonic(), b"** endless output **"))
                self.process.kill()
                break
            self.lines.put((time.monotonic(), line))
        self.lines.put(None)

    def _err(self):
        for line in self.process.stderr:
            self.stderr = (self.stderr + line)[-4000:]

    def _in(self):
        while (data := self.to_write.get()) is not None:
            try:
                self.process.stdin.write(data) if len(data) < 4096 else self._all(data)
            except OSError:
                return
        try:
            self.process.stdin.close()
        except OSError:
            pass

    def _all(self, data):
        view = memoryview(data)
        while view:
            view = view[self.process.stdin.write(view):]

    def send(self, *messages):
        self.raw("".join(json.dumps(m) + "\n" for m in messages))

    def raw(self, text):
        self.to_write.put(text.encode())

    def close(self):
        self.to_write.put(None)

    def next(self, wait):
        """The next message, or None after `wait` seconds or at the end of output."""
        try:
            item = self.lines.get(timeout=max(min(wait, self.patience - time.monotonic()), 0))
        except queue.Empty:
            return None
        if item is None:
            self.lines.put(None)
            return None
        at, line = item
        try:
            message = json.loads(line)
            assert line.endswith(b"\n") and isinstance(message, dict) and isinstance(message.get("body"), dict)
        except (ValueError, AssertionError):
            message = {"garbage": line[:80].decode(errors="replace"), "body": {}}
        message["_at"] = at
        self.got.append(message)
        return message

    def until(self, count, wait):
        """Up to `count` messages; gives up when none has come for `wait` seconds."""
        found = []
        while len(found) < count and (message := self.next(wait)):
            found.append(message)
        return found

    def family(self):
        """The living processes that came from this node: they have its mark in their environment."""
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (folder / "environ").read_bytes():
                    yield int(folder.name)
            except OSError:
                pass

    def end(self):
        """Kills the node and what it left behind."""
        for pid in self.family():
            try:
                os.kill(pid, 9)
            except OSError:
                pass
        self.process.wait()


def request(src, msg_id, kind, **fields):
    return {"src": src, "dest": "n1", "body": {"type": kind, "msg_id": msg_id, **fields}}


def init(nodes=("n1", "n2", "n3")):
    return request("c0", 1, "init", node_id="n1", node_ids=list(nodes))


def reply_from(peer, to, kind="pong", **fields):
    return {"src": peer, "dest": "n1", "body": {"type": kind, "in_reply_to": to["body"].get("msg_id"), "msg_id": 70, **fields}}


def same(a, b):
    if type(a) is bool or type(b) is bool or a is None or b is None:
        return a is b
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return a == b
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    return type(a) is type(b) and a == b


def fits(message, dest, in_reply_to, kind, **fields):
    """None if the message is the one wanted, else what is wrong with it."""
    if message is None:
        return f"nothing came, wanted {kind} for {dest}/{in_reply_to}"
    if "garbage" in message:
        return f"not a message: {message['garbage']!r}"
    body = {k: v for k, v in message["body"].items() if k != "msg_id"}
    if kind == "error":
        body.pop("text", None)
        body.setdefault("code", 0)
    wanted = {"type": kind, "in_reply_to": in_reply_to, **fields}
    if message.get("src") != "n1" or message.get("dest") != dest or not same(body, wanted):
        shown = json.dumps({k: v for k, v in message.items() if k != "_at"})
        return f"wanted {dest} {json.dumps(wanted)[:90]}, got {shown[:170]}"
    return None


class Talk:
    """The conversations; each takes a fresh node and yields symptoms."""

    def __init__(self, argv):
        self.argv = argv

    def start(self, node):
        node.send(init())
        first = node.next(10)
        return fits(first, "c0", 1, "init_ok")

    def finish(self, node, status=0):
        node.close()
        extra = node.until(100, 3)
        if extra:
            yield f"after the end of input came {len(extra)} more, first {json.dumps(extra[0])[:120]}"
        try:
            code = node.process.wait(3)
            if code != status:
                yield f"exit status {code}; stderr: {node.stderr[-160:].decode(errors='replace')!r}"
        except subprocess.TimeoutExpired:
            yield "did not exit"

    def canonical(self, node, at_once=False):
        echoes = [request(f"c{i}", i + 1, "echo", echo=f"test{i}") for i in (1, 2, 3)]
        if not at_once:
            if wrong := self.start(node):
                yield wrong
                return
            node.send(*echoes)
        else:
            node.send(init(["n1"]), *echoes)
            node.close()
            if wrong := fits(node.next(10), "c0", 1, "init_ok"):
                yield wrong
        for i in (1, 2, 3):
            if wrong := fits(node.next(2), f"c{i}", i + 1, "echo_ok", echo=f"test{i}"):
                yield wrong
                break
        yield from self.finish(node)
        ids = [m["body"].get("msg_id") for m in node.got]
        if ids != [0, 1, 2, 3]:
            yield f"ids {ids}"

    def canonical_at_once(self, node):
        yield from self.canonical(node, at_once=True)

    def other_name(self, node):
        message = init()
        message["dest"] = message["body"]["node_id"] = "z\u00fcrich-3"
        node.send(message)
        for dest in ("c0", "c8"):
            found = node.next(10)
            if not found or (found.get("src"), found.get("dest")) != ("z\u00fcrich-3", dest):
                yield f"named otherwise: {json.dumps(found)[:150]}"
            node.send({"src": "c8", "dest": "z\u00fcrich-3", "body": {"type": "echo", "msg_id": 7, "echo": 1}})

    def values(self, node):
        yield self.start(node)
        payloads = [None, False, True, 0, 0.5, "", [], {}, " x ", -1, 2**53, 1.5e-7, "\u00e9\u4e2d\U0001f600 \"\\\n\t/",
                    {"src": "c9", "body": {"type": "echo", "msg_id": 0, "in_reply_to": 4}}, [[[1, [None]]]], "a" * 40000,
                    "{\"type\": \"init\"}", {"\u00e9": [1, 2.25, "\u2028"]}]
        for i, value in enumerate(payloads):
            node.send(request("c7", i, "echo", echo=value))
            if wrong := fits(node.next(2), "c7", i, "echo_ok", echo=value):
                yield wrong[:260]
        yield from self.bad_ids(node)

    def burst(self, node):
        yield self.start(node)
        node.send(*[request(f"c{i % 50}", i // 50, "echo", echo=f"e{i}") for i in range(2000)])
        wrongs = []
        for i in range(2000):
            message = node.next(3)
            if wrong := fits(message, f"c{i % 50}", i // 50, "echo_ok", echo=f"e{i}"):
                wrongs.append((i, wrong))
            if message is None:
                break
        if wrongs:
            yield f"{len(wrongs)} of 2000 out of place, at {wrongs[0][0]}: {wrongs[0][1]}"
        yield from self.bad_ids(node)
        yield from self.finish(node)

    def bad_ids(self, node):
        ids = [m["body"].get("msg_id") for m in node.got]
        if ids != list(range(len(ids))):
            kind = "missing" if None in ids else "twice" if len(set(ids)) < len(ids) else "not 0, 1, 2"
            yield f"ids {kind}: {ids[:6]}"

    def errors(self, node):
        yield self.start(node)
        asked = [("what", {}, 10), ("echo", {}, 12), ("proxy", {"inner": {"type": "x"}}, 12), ("proxy", {"target": "n2"}, 12)]
        for i, (kind, fields, code) in enumerate(asked):
            node.send(request("c1", i + 5, kind, **fields))
            if wrong := fits(node.next(1.5), "c1", i + 5, "error", code=code):
                yield wrong
        node.send({"src": "n2", "dest": "n1", "body": {"type": "pong", "in_reply_to": 99}})
        node.send(request("c1", 20, "echo", echo=1))
        if wrong := fits(node.next(2), "c1", 20, "echo_ok", echo=1):
            yield wrong
        yield from self.bad_ids(node)

    def bad_lines(self, node):
        yield self.start(node)
        for i, bad in enumerate(["\n", "what\n", "[]\n", "3\n", "null\n", "{}\n", '{"src": "c1"}\n', '{"src": "c1", "body": 3}\n',
                                 '{"body": {"type": "echo", "msg_id": 1, "echo": 1}}\n', '{"src": "c1", "dest"\n', "\"x\"\n", "{]\n"]):
            node.raw(bad)
            node.send(request("c1", i, "echo", echo=i))
            if wrong := fits(node.next(2), "c1", i, "echo_ok", echo=i):
                yield f"after {bad!r}: {wrong}; stderr {node.stderr[-120:].decode(errors='replace')!r}"
                break
        yield from self.bad_ids(node)
        yield from self.finish(node)

    def pieces(self, node):
        yield self.start(node)
        text = json.dumps(request("c1", 3, "echo", echo="pi\u00e9ce"), ensure_ascii=False).encode() + b"\n"
        for at in range(0, len(text), 7):
            node.to_write.put(text[at:at + 7])
            time.sleep(0.01)
        if wrong := fits(node.next(2), "c1", 3, "echo_ok", echo="pi\u00e9ce"):
            yield wrong
        node.send(*[request("c1", 30 + i, "echo", echo=i) for i in (0, 1)])
        for i in (0, 1):
            if wrong := fits(node.next(2), "c1", 30 + i, "echo_ok", echo=i):
                yield "two lines in one write: " + wrong

    def long_line(self, node):
        yield self.start(node)
        node.send(request("c1", 2, "echo", echo="x" * 2**20))
        if wrong := fits(node.next(5), "c1", 2, "echo_ok", echo="x" * 2**20):
            yield wrong[:200]
        node.send(request("c1", 3, "echo", echo="y"))
        if wrong := fits(node.next(2), "c1", 3, "echo_ok", echo="y"):
            yield wrong[:200]

    def proxy(self, node):
        """One answered, with an echo while it waits; an error of the peer's; a peer's reply in one write with a request."""
        yield self.start(node)
        node.send(request("c1", 2, "proxy", target="n2", inner={"type": "ping", "x": None}))
        asked = node.next(2)
        if asked is None or asked["body"].get("type") == "error":
            yield "proxy not attempted" if asked and asked["body"].get("code") == 10 else f"no request to the peer: {asked}"
            return
        if asked.get("dest") != "n2" or asked.get("src") != "n1" or asked["body"] != {"type": "ping", "x": None, "msg_id": asked["body"].get("msg_id")}:
            yield f"asked {json.dumps(asked)[:160]}"
        node.send(request("c2", 2, "echo", echo=0))
        if wrong := fits(node.next(0.7), "c2", 2, "echo_ok", echo=0):
            yield "while a proxy waits: " + wrong
        node.send(reply_from("n2", asked, x=1), request("c3", 2, "echo", echo="with the reply"))
        result = reply_from("n2", asked, x=1)["body"]
        found = {m.get("dest"): m for m in node.until(2, 1.5)}
        for wrong in (fits(found.get("c1"), "c1", 2, "proxy_ok", result=result), fits(found.get("c3"), "c3", 2, "echo_ok", echo="with the reply")):
            if wrong:
                yield wrong
        node.send(request("c1", 3, "proxy", target="n3", inner={"type": "fail"}))
        if asked := node.next(2):
            answer = {"src": "n3", "dest": "n1", "body": {"type": "error", "in_reply_to": asked["body"].get("msg_id"), "code": 20, "text": "no"}}
            node.send(answer)
            if wrong := fits(node.next(2), "c1", 3, "proxy_ok", result=answer["body"]):
                yield wrong
        yield from self.bad_ids(node)
        yield from self.finish(node)

    def silent(self, node):
        yield self.start(node)
        began = time.monotonic()
        node.send(request("c1", 2, "proxy", target="n2", inner={"type": "ping"}))
        asked = node.next(2)
        if asked is None or asked["body"].get("type") == "error":
            return
        timeout = node.next(2)
        if wrong := fits(timeout, "c1", 2, "error", code=0):
            yield "silent peer: " + wrong
        elif not 0.8 < timeout["_at"] - began < 1.4:
            yield f"error 0 after {timeout['_at'] - began:.2f} s"
        node.send(reply_from("n2", asked))
        if late := node.next(1.5):
            yield f"after the late reply: {json.dumps(late)[:120]}"
        node.send(request("c1", 3, "echo", echo=1))
        if wrong := fits(node.next(2), "c1", 3, "echo_ok", echo=1):
            yield "after the late reply: " + wrong
        yield from self.finish(node)

    def many(self, node, count=100):
        """So many pending, two clients with the same ids; answered from the last to the first."""
        yield self.start(node)
        node.send(*[request(f"c{i % 2}", i // 2, "proxy", target=("n2", "n3")[i % 2], inner={"type": "ping", "n": i}) for i in range(count)])
        asked = node.until(count, 1.5)
        if asked and asked[0]["body"].get("code") == 10:
            return
        requests = [m for m in asked if m["body"].get("type") == "ping"]
        if len(requests) < count:
            odd = [m for m in asked if m["body"].get("type") != "ping"]
            yield f"{len(requests)} of {count} requests to the peers; and {json.dumps(odd[:1])[:150]}"
        node.send(*[reply_from(m["dest"], m, n=m["body"]["n"]) for m in reversed(requests)])
        answers = {}
        for message in node.until(count, 3):
            key = (message.get("dest"), message["body"].get("in_reply_to"))
            if key in answers:
                yield f"twice: {key}"
            answers[key] = message
        wrongs = []
        for m in requests:
            i = int(m["body"]["n"])
            key = (f"c{i % 2}", i // 2)
            if wrong := fits(answers.get(key), *key, "proxy_ok", result=reply_from(m["dest"], m, n=i)["body"]):
                wrongs.append(wrong)
        if wrongs:
            yield f"{len(wrongs)} of {count} wrong: {wrongs[0]}"
        yield from self.bad_ids(node)
        if late := node.next(1.3 if count <= 100 else 0.3):
            yield f"a while later: {json.dumps(late)[:120]}"
        yield from self.finish(node)

    def thousand(self, node):
        yield from self.many(node, 1000)

    def pending_at_end(self, node):
        """End of input with echoes read and a proxy in flight."""
        yield self.start(node)
        node.send(request("c1", 2, "proxy", target="n2", inner={"type": "ping"}),
                  *[request("c2", i, "echo", echo=i) for i in range(20)])
        node.close()
        found = node.until(30, 3)
        echoes = [m for m in found if m.get("dest") == "c2"]
        if len(echoes) != 20:
            yield f"{len(echoes)} of 20 echoes at the end of input"
        others = [m for m in found if m.get("dest") not in ("c2", "n2") and fits(m, "c1", 2, "error", code=0) and fits(m, "c1", 2, "error", code=10)]
        if others:
            yield f"and {json.dumps(others[0])[:140]}"
        yield from self.finish(node)

    ALL = ("canonical", "canonical_at_once", "other_name", "values", "burst", "errors", "bad_lines", "pieces", "long_line", "proxy", "silent",
           "many", "thousand", "pending_at_end")

    def run(self, name):
        found = []
        try:
            node = Node(self.argv)
        except OSError as error:
            return [f"cannot be started: {error.strerror}"]
        try:
            for wrong in getattr(self, name)(node):
                if wrong:
                    found.append(wrong)
                    if not node.got:
                        found.append(f"(exit {node.process.poll()}, stderr {node.stderr[-160:].decode(errors='replace')!r})")
                        break
        except Exception as error:  # a node can say anything
            found.append(f"{type(error).__name__}: {error}")
        finally:
            ended = node.process.poll() is not None
            if ended and any(node.family()):
                found.append("left processes behind")
            node.end()
        return found


def main():
    arguments = sys.argv[1:]
    jobs = 2
    if "--jobs" in arguments:
        at = arguments.index("--jobs")
        jobs = int(arguments[at + 1])
        del arguments[at:at + 2]
    only = [a[7:] for a in arguments if a.startswith("--only=")]
    files = [pathlib.Path(a).resolve() for a in arguments if not a.startswith("--")]
    files = files or sorted(p for folder in ("right", "wrong") for p in (HERE / folder).iterdir() if p.suffix != ".toml" and p.is_file())
    scratch = tempfile.mkdtemp()
    status = 0

    def try_one(path):
        talk = Talk(command(path, scratch))
        names = only or [n for n in Talk.ALL if n != "thousand" or path.parent.name == "right"]
        return path, {name: talk.run(name) for name in names}

    with ThreadPoolExecutor(jobs) as pool:
        for path, results in (done.result() for done in as_completed([pool.submit(try_one, path) for path in files])):
            about = header(path)
            seen = {name: found for name, found in results.items() if found}
            quiet = not seen or (path.parent.name == "right" and all("not attempted" in w for f in seen.values() for w in f))
            print(f"{path.parent.name}/{path.name}  expect {about.get('expect')}  [{about.get('suites')}]{'  ok' if quiet else ''}")
            for name, found in seen.items():
                for wrong in found[:3]:
                    print(f"    {name}: {wrong}")
            if (path.parent.name == "right") != quiet and "note" not in about:
                status = 1
            sys.stdout.flush()
    shutil.rmtree(scratch)
    return status


if __name__ == "__main__":
    sys.exit(main())
