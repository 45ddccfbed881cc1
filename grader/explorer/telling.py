"""Words for workers and for what they do: `c1's handler`, `reads 0`, `waits for self.lock`."""

from grader.explorer.record import Run, Step
from grader.jsonvalue import shorten
from grader.messages import NotAMessage, name, parse

BRIEF = 12  # characters of a value in a narrow column
KINDS = ("lock", "condition", "event", "semaphore", "barrier", "queue", "future", "pool")
LONG = 24  # characters of a value; a longer one is left out of a sentence


def who(run: Run, step: Step) -> str:
    """Who did this: the handler of a client's request, or the thread or task if it serves none."""
    if step.worker == "main":
        return "the main thread"
    if step.handler is None or is_reader(run, step.worker):
        return step.worker
    others = {other.handler for other in run.steps if other.handler and other.handler.src == step.handler.src}
    if len(others) > 1:
        return f"the handler of {step.handler} (msg_id {step.handler.msg_id})"
    workers = {
        other.worker
        for other in run.steps
        if other.handler == step.handler and not is_reader(run, other.worker)
    }
    return f"{step.handler.src}'s handler" + (f" in {step.worker}" if len(workers) > 1 else "")


def is_reader(run: Run, worker: str) -> bool:
    """Whether this worker reads the input, or hands out what others read: it serves nobody in particular."""
    served = {step.handler for step in run.steps if step.worker == worker and step.handler}
    first = next((step.n for step in run.steps if step.worker == worker), 0)
    reads = any(step.op in ("in", "eof") and step.worker == worker for step in run.steps)
    return worker == "main" or reads or (worker.startswith("Task-") and len(served) > 1 and first < FIRST)


FIRST = 60  # steps in which the main task of an event loop has begun


def did(run: Run, step: Step, *, brief: bool = False) -> str:
    """What a step did, with its values; `brief` leaves out the inside of large ones."""
    value, written = (_brief(text) if brief else text for text in (step.value, step.written))
    place = step.place
    if step.op == "read":
        return f"reads {value}" if value else "reads"
    if step.op == "write":
        if place == "stdout":
            return f"writes {written}"
        if step.written == "nothing":
            return f"takes {value} out"
        over = f" over {value}" if step.value not in ("", "nothing") and value != written else ""
        return f"writes {written}{over}"
    if step.op == "out" and step.event is not None:
        line = next((event.line for event in run.transcript if event.n == step.event), "")
        return f"says {_name(line)}"
    if step.op == "acquire" and step.waits_for:
        return f"waits for {place}, then takes it"
    if step.op == "end" and written:
        return f"ends by {step.written}"
    return {
        "start": "begins", "end": "ends", "in": "reads a line", "eof": "finds the end of input",
        "acquire": f"takes {place}", "release": f"lets {place} go", "wait": waits(plain(place)),
        "wake": f"wakes who waits for {place}", "put": f"puts {value} into {place}",
        "get": f"gets {value} from {place}", "sleep": "sleeps", "fire": f"waits for {place} in vain",
        "await": "awaits", "out": "says it",
    }.get(step.op, step.op)  # fmt: skip


def waits(place: str) -> str:
    """That somebody waits for this; of what is awaited only that it is."""
    return "awaits" if place == "an await" else f"waits for {place}"


def plain(label: str) -> str:
    """A lock's or queue's name without its kind."""
    kind, _, name = label.partition(" ")
    return name if kind in KINDS and name else label


def bare(label: str) -> str:
    """A lock's or queue's name without its kind, and without the number that tells it from a namesake."""
    return plain(label).partition("#")[0]


def _brief(value: str) -> str:
    if len(value) <= BRIEF:
        return value
    close = {"{": "}", "[": "]", "(": ")", "<": ">", "'": "'"}.get(value[0])
    return f"{value[0]}…{close}" if close and close != "'" else f"{value[:BRIEF]}…"


def _name(line: str) -> str:
    try:
        return name(parse(line))
    except NotAMessage:
        return shorten(line, 40)


def is_short(value: str) -> bool:
    """Whether a value can stand in a sentence: a number, a short text."""
    return 0 < len(value) <= LONG and value[0] not in "<{[("
