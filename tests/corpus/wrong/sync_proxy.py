# corpus: a synchronous node: proxy reads on until the reply comes, and keeps all other lines for later
# expect: blocked
# suites: rpc
# platforms: posix
import json, os, select, sys, time

NODE = "?"
N = 0
LATER = []      # lines that came while a proxy waited
BUFFER = b""
EOF = False


def out(dest, body):
    global N
    body = dict(body)
    body["msg_id"] = N
    N = N + 1
    sys.stdout.write(json.dumps({"src": NODE, "dest": dest, "body": body}) + "\n")
    sys.stdout.flush()
    return body["msg_id"]


def on_line(line):
    global NODE
    try:
        msg = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        sys.stderr.write("not json\n")
        return
    if type(msg) is not dict or type(msg.get("src")) is not str or type(msg.get("body")) is not dict:
        sys.stderr.write("not a message\n")
        return
    src = msg["src"]
    body = msg["body"]
    if "in_reply_to" in body:
        return
    t = body.get("type")
    i = body.get("msg_id")
    if t == "init":
        NODE = body.get("node_id")
        out(src, {"type": "init_ok", "in_reply_to": i})
    elif t == "echo":
        if "echo" in body:
            out(src, {"type": "echo_ok", "in_reply_to": i, "echo": body["echo"]})
        else:
            out(src, {"type": "error", "in_reply_to": i, "code": 12, "text": "echo what?"})
    elif t == "proxy":
        if type(body.get("target")) is str and type(body.get("inner")) is dict:
            n = out(body["target"], body["inner"])
            result = wait_for(n, time.time() + 1.0)
            if result is None:
                out(src, {"type": "error", "in_reply_to": i, "code": 0, "text": "timeout"})
            else:
                out(src, {"type": "proxy_ok", "in_reply_to": i, "result": result})
        else:
            out(src, {"type": "error", "in_reply_to": i, "code": 12, "text": "proxy whom?"})
    else:
        out(src, {"type": "error", "in_reply_to": i, "code": 10, "text": "unknown: " + str(t)})


def read(wait):
    global BUFFER, EOF
    if EOF or not select.select([0], [], [], wait)[0]:
        return []
    data = os.read(0, 4096)
    EOF = data == b""
    *lines, BUFFER = (BUFFER + data).split(b"\n")
    return lines


def wait_for(n, deadline):
    while not EOF and time.time() < deadline:
        lines = read(max(0.0, deadline - time.time()))
        for k, line in enumerate(lines):
            try:
                body = json.loads(line)["body"]
                if body.get("in_reply_to") == n:
                    LATER.extend(lines[k + 1:])
                    return body
            except Exception:
                pass
            LATER.append(line)
    return None


while not EOF or LATER:
    LATER.extend(read(0 if LATER else None))
    if LATER:
        on_line(LATER.pop(0))

sys.exit(0)
