"""Attackers: nodes that answer as they should, and before that try what a stranger might. All are bounded."""

ANSWERING = """
import ctypes, json, os, signal, socket, subprocess, sys, threading, time

def attack():
    pass

ATTACK

def main():
    number = 0
    for line in sys.stdin:
        message = json.loads(line)
        body = message["body"]
        if body["type"] == "init":
            node_id = body["node_id"]
            attack()
            answer = {"type": "init_ok"}
        else:
            answer = {"type": "echo_ok", "echo": body["echo"]}
        answer |= {"in_reply_to": body["msg_id"], "msg_id": number}
        number += 1
        print(json.dumps({"src": node_id, "dest": message["src"], "body": answer}), flush=True)

main()
"""

# Tries all that does no harm where it succeeds, and says of each on stderr how it went.
PROBE = r"""
def outcome(name, act):
    try:
        act()
        how = "done"
    except OSError as error:
        how = "refused"
    print(f"probe {name} {how}", file=sys.stderr)

def ancestors():
    pid = os.getppid()
    while pid > 1:
        yield pid
        with open(f"/proc/{pid}/stat") as stat:
            pid = int(stat.read().rpartition(")")[2].split()[1])

def system(name, *args):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc[name](*args) == -1:
        raise OSError(ctypes.get_errno(), name)

def any_of(act):
    errors = []
    for pid in list(ancestors())[:3]:
        try:
            return act(pid)
        except OSError as error:
            errors.append(error)
    raise errors[-1]

def read(path):
    with open(path, "rb") as file:
        file.read(1)

def write(path):
    with open(path, "w") as file:
        file.write("x")

def has_rights():
    with open("/proc/self/status") as status:
        if not any(int(line.split()[1], 16) for line in status if line.startswith("CapEff")):
            raise OSError(1, "no right of root's")

def named(folder):
    if not os.path.isdir(folder):
        raise OSError(2, folder)
    os.listdir(folder)

def attack():
    import resource
    outcome("signal", lambda: any_of(lambda pid: os.kill(pid, 0)))
    outcome("their-files", lambda: any_of(lambda pid: open(f"/proc/{pid}/fd/1").close()))
    outcome("their-memory", lambda: any_of(lambda pid: read(f"/proc/{pid}/mem")))
    outcome("their-environment", lambda: any_of(lambda pid: read(f"/proc/{pid}/environ")))
    outcome("their-limits", lambda: any_of(lambda pid: resource.prlimit(pid, resource.RLIMIT_CPU)))
    outcome("cases", lambda: read(CASES))
    outcome("references", lambda: read(REFERENCE))
    outcome("own-suite", lambda: read(SUITE))
    outcome("home", lambda: named(HOME))
    outcome("write-home", lambda: write(os.path.join(HOME, "hostile-was-here")))
    outcome("write-original", lambda: write(os.path.join(ORIGINAL, "hostile-was-here")))
    outcome("write-own", lambda: write("own-file"))
    outcome("write-tmp", lambda: write(os.path.join(os.environ["TMPDIR"], "own-file")))
    outcome("change-mode", lambda: os.chmod(SUITE, 0o600))
    outcome("change-times", lambda: os.utime(SUITE))
    outcome("change-owner", lambda: os.chown(SUITE, os.geteuid(), os.getegid()))
    outcome("root-rights", has_rights)
    outcome("network", lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM).close())
    outcome("local-socket", lambda: socket.socket(socket.AF_UNIX).close())
    outcome("socketpair", lambda: [end.close() for end in socket.socketpair()])
    outcome("shared-memory", lambda: system("shmget", 0, 4096, 0o1600))
    outcome("posix-queue", lambda: system("mq_open", b"/hostile", os.O_RDONLY))
    outcome("io-uring", lambda: system("syscall", 425, 0, None))
    outcome("memory-file", lambda: os.close(os.memfd_create("x")))
    outcome("namespaces", lambda: system("unshare", 0x10000000))
    outcome("thread", lambda: threading.Thread(target=int).start())
    outcome("process", lambda: subprocess.run(["true"], check=True))
    print("probe secret", "done" if "HOSTILE_SECRET" in os.environ else "refused", file=sys.stderr)
"""

HOG = """
def attack():
    kept = []
    for _ in range(16):  # 1 GB at most
        kept.append(b"x" * (64 << 20))
    time.sleep(5)
"""

ONE_GULP = """
def attack():
    kept = b"x" * (900 << 20)
    os._exit(0)
"""

BOMB = """
def attack():
    end = time.monotonic() + 5
    for _ in range(200):
        try:
            if os.fork() == 0:
                os.setsid()
                while time.monotonic() < end:
                    time.sleep(0.1)
                os._exit(0)
        except OSError:
            time.sleep(0.05)
    time.sleep(5)
"""

DISK = """
def attack():
    for number in range(16):
        with open(os.path.join(os.environ["TMPDIR"], str(number)), "wb") as file:
            file.write(bytes(16 << 20))
    time.sleep(5)
"""

ONE_FILE = """
def attack():
    with open("big", "wb") as file:
        for _ in range(80):
            file.write(bytes(1 << 20))
"""

LONG_LINE = """
def attack():
    sys.stdout.buffer.write(b"x" * (20 << 20))
    sys.stdout.buffer.flush()
    time.sleep(5)
"""

STDERR = """
def attack():
    for _ in range(100):
        os.write(2, (b"y" * 999 + b"\\n") * 1048)
"""

HIDDEN = """
def attack():
    program = "import time; time.sleep(20)"
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)  # no signal of a parent's death
            for fd in range(10):
                try:
                    os.close(fd)
                except OSError:
                    pass
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            os.execve(sys.executable, ["MARK", "-c", program], {})
        os._exit(0)
    os.wait()
"""

DEEP = """
def attack():
    os.chdir(os.environ["TMPDIR"])
    for _ in range(1500):
        os.mkdir("d")
        os.chdir("d")
    os.chmod("..", 0)
"""

FORGER = """
def attack():
    for name in os.listdir(REPORTS):
        path = os.path.join(REPORTS, name)
        if HOW == "replace":
            os.unlink(path)
        with open(path, "a") as file:
            file.write("forged" * 10_000)
    raise SystemExit(1)
"""

ESCAPES = """
def attack():
    print("\\x1b]0;owned\\x07\\x1b[2J::error::forged", file=sys.stderr, flush=True)
    raise SystemExit("\\x1b[31mred")
"""


def source(attack: str, **names: str) -> str:
    """The node that does this; `names` are what it knows of its surroundings."""
    known = "\n".join(f"{name} = {value!r}" for name, value in names.items())
    return ANSWERING.replace("ATTACK", f"{known}\n{attack}")
