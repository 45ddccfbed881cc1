"""Words for workers and for what they do: `c1's handler`, `reads 0`, `waits for self.lock`."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from grader.explorer.diagnosis.source_facts import is_in_a_loop
from grader.explorer.trace.model import Crash, Decision, Request, Run, Stand, Step
from grader.protocol.messages import NotAMessage, is_reply, name, parse

BRIEF = 24  # characters of a value in a narrow column
KINDS = ("lock", "condition", "event", "semaphore", "barrier", "queue", "future", "pool")
LONG = 24  # characters of a value; a longer one is left out of a sentence


def who(run: Run, step: Step, beside: Sequence[Step] = ()) -> str:
    """Who did this: the handler of a client's request, or the thread or task if it serves none.

    Where one of the steps `beside` it was made for the same request by another worker, with the worker's name.
    """
    if step.worker == "main":
        return "the main thread"
    serves = serving(run)
    request = serves(step)
    if request is None:
        return step.worker
    if len({other.handler for other in run.steps if other.handler and other.handler.src == request.src}) > 1:
        return f"the handler of {request} (msg_id {request.msg_id})"
    others = {other.worker for other in beside if serves(other) == request} - {step.worker}
    return f"{request.src}'s handler" + (f" in {step.worker}" if others else "")


def serving(run: Run) -> Callable[[Step], Request | None]:
    """For each step the request that its worker serves with it.

    Who reads and hands out serves none; nor does who serves one after another, and is back in its loop with
    the last one answered. Who was begun for one request serves it from its first step to its last.
    """
    requests: dict[str, set[Request]] = defaultdict(set)
    answered: dict[tuple[str, Request], int] = {}
    fetching = {step.worker for step in run.steps if step.op == "get"}
    lines = {event.n: event.line for event in run.transcript if event.kind == "out"}
    for step in run.steps:
        if step.handler is not None:
            requests[step.worker].add(step.handler)
            if step.op == "out" and _answers(lines.get(step.event or 0, ""), step.handler):
                answered.setdefault((step.worker, step.handler), step.n)
    readers = {worker for worker in requests if is_reader(run, worker)}

    def of(step: Step) -> Request | None:
        mine = requests[step.worker]
        if step.worker in readers:
            return None
        if len(mine) == 1 and step.worker not in fetching:
            return next(iter(mine))
        if step.handler is None:
            return None
        was_answered = answered.get((step.worker, step.handler), step.n) < step.n
        return None if was_answered and is_in_a_loop(run, step) else step.handler

    return of


def _answers(line: str, request: Request) -> bool:
    try:
        message = parse(line)
    except NotAMessage:
        return False
    asked = (request.src, request.msg_id)
    return is_reply(message) and (message["dest"], message["body"]["in_reply_to"]) == asked


def is_reader(run: Run, worker: str) -> bool:
    """Whether this worker reads the input, or hands out what others read, as an event loop's main task does:
    it serves nobody in particular.
    """
    served = {step.handler for step in run.steps if step.worker == worker and step.handler}
    reads = any(step.op in ("in", "eof") and step.worker == worker for step in run.steps)
    main_task = next((step.worker for step in run.steps if step.worker.startswith("Task-")), "")
    return worker == "main" or reads or (worker == main_task and len(served) > 1)


def at(run: Run, spot: Step | Stand | Crash | Decision, how: str = "") -> str:
    """The line, and the file if it isn't the node's own."""
    file = "" if spot.file == run.node else f" of {spot.file}"
    return f"{how}line {spot.line}{file}" if how else f"(line {spot.line}{file})"


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
    if step.op == "fire" and place.startswith("the clock"):
        return f"sleeps{place.removeprefix('the clock')}"
    return {
        "start": "begins", "end": "ends", "in": "reads a line", "eof": "finds the end of input",
        "acquire": f"takes {place}", "try": f"finds {place} taken", "release": f"lets {place} go",
        "wait": waits(plain(place)), "wake": f"wakes who waits for {place}", "clear": f"clears {place}",
        "put": f"puts {value} into {place}", "get": f"gets {value} from {place}", "sleep": "sleeps",
        "fire": f"waits for {place} in vain", "await": "awaits", "out": "says it",
    }.get(step.op, step.op)  # fmt: skip


def waits(place: str) -> str:
    """That somebody waits for this; of what is awaited only that it is."""
    return {"an await": "awaits", "wait": "waits for futures"}.get(place, f"waits for {place}")


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
        return "a line that is no message"


def is_short(value: str) -> bool:
    """Whether a value can stand in a sentence: a number, a short text."""
    return 0 < len(value) <= LONG and value[0] not in "<{[("
