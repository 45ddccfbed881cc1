# corpus: takes the empty read at end of input for no data yet and tries again
# expect: hung-after-eof
# suites: async-handler
# platforms: posix
# note: with a proxy pending at the end of input lost-at-eof is arguable
import json, os, select, sys, time

NODE = "?"
N = 0
TABLE = []      # open proxies as [our id, client, its id, deadline]
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
        for row in TABLE:
            if row[0] == body["in_reply_to"]:
                TABLE.remove(row)
                out(row[1], {"type": "proxy_ok", "in_reply_to": row[2], "result": body})
                return
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
            TABLE.append([out(body["target"], body["inner"]), src, i, time.time() + 1.0])
        else:
            out(src, {"type": "error", "in_reply_to": i, "code": 12, "text": "proxy whom?"})
    else:
        out(src, {"type": "error", "in_reply_to": i, "code": 10, "text": "unknown: " + str(t)})


while not EOF or TABLE:
    wait = None
    if TABLE:
        wait = max(0.0, TABLE[0][3] - time.time())
    if EOF:
        time.sleep(wait)
        ready = []
    else:
        ready = select.select([0], [], [], wait)[0]
    if ready:
        data = os.read(0, 4096)
        if data == b"":
            time.sleep(0.001)
            continue
        BUFFER = BUFFER + data
        while b"\n" in BUFFER:
            line, _, BUFFER = BUFFER.partition(b"\n")
            on_line(line)
    while TABLE and TABLE[0][3] <= time.time():
        row = TABLE.pop(0)
        out(row[1], {"type": "error", "in_reply_to": row[2], "code": 0, "text": "timeout"})

sys.exit(0)
