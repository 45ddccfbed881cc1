"""Words for workers and for what they do: `c1's handler`, `reads 0`, `waits for self.lock`."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from grader.explorer.diagnosis.source_facts import is_in_a_loop
from grader.explorer.runtime.resources import Resource
from grader.explorer.trace.model import Awaited, Crash, Decision, Request, Run, Stand, Step, Switch, Why
from grader.protocol.messages import NotAMessage, is_reply, name, parse

BRIEF = 24  # characters of a value in a narrow column
LONG = 24  # characters of a value; a longer one is left out of a sentence
NAMED_IN_WORDS = ("the ", "a ", "an ")  # the name that a thing has where the source gives it none


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
    return worker == "main" or reads or (worker == main_task(run) and len(served) > 1)


def main_task(run: Run) -> str:
    """The task that an event loop was started for: the first that does anything; empty if there is none."""
    return next((step.worker for step in run.steps if step.task), "")


def at(run: Run, spot: Step | Stand | Crash | Decision, how: str = "") -> str:
    """The line, and the file if it isn't the node's own."""
    file = "" if spot.file == run.node else f" of {spot.file}"
    return f"{how}line {spot.line}{file}" if how else f"(line {spot.line}{file})"


def did(run: Run, step: Step, *, brief: bool = False) -> str:
    """What a step did, with its values; `brief` leaves out the inside of large ones."""
    value, written = (_brief(text) if brief else text for text in (step.value, step.written))
    place = thing(Awaited(step.kind, step.place), kind=False) if step.kind else step.place
    if step.op == "read":
        return f"reads {value}" if value else "reads"
    if step.op == "write":
        return _writes(step, value, written)
    if step.op == "out" and step.event is not None:
        line = next((event.line for event in run.transcript if event.n == step.event), "")
        return f"says {_name(line)}"
    if step.op == "acquire" and step.waits_for:
        return f"waits for {place}, then takes it"
    if step.op == "end" and written:
        return f"ends by {step.written}"
    if step.op == "fire" and step.kind is Resource.CLOCK:
        return f"sleeps ({step.place})"
    if step.op == "wait" and (step.waits_for or not place):
        return waits(step.waits_for, kind=False)
    return {
        "start": "begins", "end": "ends", "in": "reads a line", "eof": "finds the end of input",
        "acquire": f"takes {place}", "try": f"finds {place} taken", "release": f"lets {place} go",
        "wait": f"waits for {place}", "wake": f"wakes who waits for {place}", "clear": f"clears {place}",
        "put": f"puts {value} into {place}", "get": f"gets {value} from {place}", "sleep": "sleeps",
        "fire": f"waits for {place} in vain", "await": "awaits", "out": "says it",
        "free": f"lets a {value} end, the last who knew it",
    }.get(step.op, step.op)  # fmt: skip


def _writes(step: Step, value: str, written: str) -> str:
    if step.kind is Resource.STDOUT:
        return f"writes {written}"
    if step.written == "nothing":
        return f"takes {value} out"
    over = f" over {value}" if step.value not in ("", "nothing") and value != written else ""
    return f"writes {written}{over}"


def waits(awaited: Awaited | None, *, kind: bool = True) -> str:
    """That somebody waits for this, with the kind of what has a name in the source."""
    if awaited is None or awaited.kind is Resource.AWAITABLE:
        return "awaits"
    return f"waits for {thing(awaited, kind=kind)}"


def thing(awaited: Awaited, *, kind: bool = True) -> str:
    """What somebody waits for: `lock self.lock`, `room in inbox`, `the end of Thread-1`."""
    name = awaited.name
    if awaited.put:
        return f"room in {name or 'a queue'}"
    if awaited.kind in _IN_WORDS:
        return _IN_WORDS[awaited.kind].format(name)
    if not name:
        return f"a {awaited.kind}"
    is_told = name == str(awaited.kind) or name.startswith(NAMED_IN_WORDS)
    return f"{awaited.kind} {name}" if kind and not is_told else name


_IN_WORDS = {
    Resource.THREAD: "the end of {}",
    Resource.CLOCK: "the clock ({})",
    Resource.INPUT: "input",
    Resource.LOOP: "{}",
    Resource.FUTURES: "futures",
    Resource.AWAITABLE: "what it awaits",
}


def why(switch: Switch) -> str:
    """Why another went on; empty where that says nothing."""
    if switch.why is Why.WAITS:
        return "awaits" if switch.awaited and switch.awaited.kind is Resource.LOOP else waits(switch.awaited)
    return {
        Why.PREEMPTED: "loses its turn",
        Why.AWAITS: "awaits",
        Why.YIELDS: "lets others go first",
        Why.ENDED: "ended",
        Why.OVER: "",
    }[switch.why]


def bare(name: str) -> str:
    """A lock's or queue's name without the number that tells it from a namesake."""
    return name.partition("#")[0]


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
