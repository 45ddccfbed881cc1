"""Small nodes for the explorer's tests, put together from a template and the part that matters."""

from pathlib import Path

_TEMPLATE = (Path(__file__).parent / "template.py").read_text("utf-8")

THREAD = """
def start(message):
    threads.append(threading.Thread(target=handle, args=(message,)))
    threads[-1].start()
"""

AT_ONCE = """
def start(message):
    handle(message)
"""

GUARDED = """
numbers = threading.Lock()

def send(dest, body):
    global next_id
    with numbers:
        body["msg_id"] = next_id
        next_id += 1
    write(dest, body)
"""

UNGUARDED = """
def send(dest, body):
    global next_id
    body["msg_id"] = next_id
    next_id += 1
    write(dest, body)
"""

NO_CALL_BETWEEN = """
def send(dest, body):
    global next_id
    next_id += 1
    mine = next_id
    write(dest, {**body, "msg_id": mine})
"""


def write_node(folder: Path, *parts: str, name: str = "node.py") -> str:
    """The file of a node with these parts."""
    file = folder / name
    file.write_text(_TEMPLATE.replace("#: PARTS", "\n".join(parts)), "utf-8")
    return str(file)
