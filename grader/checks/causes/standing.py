"""Where a node stood that did not answer: at a lock, in a wait, or reading on. Pure functions."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise, takewhile

from grader.checks.findings import Cause
from grader.conversation.thread_dumps import Frame, Lock, Look, Stack

_TO_THE_END = re.compile(r"\bstdin(\.buffer)?\.(read|readlines)\(|\b(list|sorted|tuple)\(\s*sys\.stdin\b")
_NEXT_LINE = re.compile(r"\bstdin\b|\binput\(|\breadline\(\)|\bread1?\(")
_READS_MESSAGES = re.compile(r"^(while|for|async for)\b|\w*(read|recv|receive|next|line|input|poll)\w*\(")
# How a reader takes the next message from its own inbox: that it waits there holds nobody up.
_OWN_INBOX = re.compile(
    r"^(while|for|async for)\b.*\b(get|recv|receive)\b"
    r"|^(line|raw|message|msg|request|item)\w*\s*=.*\b(get|recv|receive)\("
)
_SLEEPS = re.compile(r"\bsleep\(")
_JOINS = re.compile(r"\.join\(\s*[\w.=]*\s*\)")
_LOOPS = re.compile(r"^(while|for|async for)\b|^(pass|continue)$")
_WAITS = re.compile(r"\.(get|wait|wait_for|result|acquire|join|recv|select|communicate)\(|\bawait\b|\bselect\(")
SHOWN = 44  # characters of a line of the node's
BUSY = 0.5  # of a core, between two looks: who waits uses none
OF_LOCKS = "03"  # the lesson that teaches what a lock is, and what not to do while one holds it
FEW = 30  # threads of a pool, at most, that may all be taken

RELEASE = "Take the lock by “with {name}:”, which gives it back on every path."
NO_LOCK = "Hold no lock while you wait: take what you need under the lock, let it go, and only then wait."
ONCE = "Take the lock once: let the function that is called under it be one that takes none."
HAND_OVER = (
    "Let the main thread only read: give each handler that may wait a thread, and don't wait for it there."
)
TARGET = "Hand over the function and its arguments apart: target=self.dispatch, args=(message,)."
A_TASK = "Make a task of it, and read on: asyncio.create_task(…), kept until it is done."
SLEEP = "Take the sleep away, or let it be where nobody waits for it."
SLEEP_IN_LOOP = (
    "Where a coroutine is to pause, write await asyncio.sleep(…): a plain sleep stops the whole loop."
)
ONE_BY_ONE = "Take one line after the other, and answer each before the next: for line in sys.stdin."
AWAIT_INPUT = (
    "Read where the loop can go on meanwhile: await reader.readline() of a StreamReader, "
    "or await asyncio.to_thread(sys.stdin.readline)."
)
TIMEOUT = "Wait for a peer with a timeout of 1 s (Python counts in seconds), and answer error 0 then."
WAKE = (
    "Does the thread that reads set what is awaited? Only loop.call_soon_threadsafe(…) wakes the loop for it."
)
MORE = "Each handler that waits keeps a worker: let there be as many as may wait at once, or tasks."
FIND = (
    "A reply must find who waits and wake it: is that noted before the request is sent, under just the msg_id "
    "that in_reply_to names (a number is not its text), and is the event or future set?"
)
SPIN = "Let it wait instead of asking again and again: an Event, a Queue or a Future wakes who waits."


def cause(looks: Sequence[Look], code: str, *, has_replied: bool = False) -> Cause | None:
    """What held the node up, as it stood in the last of these looks; None where that is not known.

    `has_replied`: what it seems to wait for had been sent, by its peer.
    """
    if not looks:
        return None
    look = looks[-1]
    for rule in RULES:
        if rule is _handlers_wait and has_replied and (found := _not_woken(look)) is not None:
            return found
        if (found := rule(look, code)) is not None:
            return found
    return _busy(looks)


def _not_woken(look: Look) -> Cause | None:
    """Who waits for its peer's reply, which had been sent, while who reads was back at the next line."""
    if not any(_is_reading_on(stack) for stack in look.stacks):
        return None
    waiting = [
        (stack, frame)
        for stack, frame in _at_work(look, "thread", "task")
        if _is_wait(stack, frame)
        and not _NEXT_LINE.search(frame.source)
        and not _LOOPS.search(frame.source)
        and not _is_pool(stack)
        and not any(lock.state == "wants" for lock in frame.locks)
    ]
    if len(waiting) != 1:  # where several places wait, nobody can tell which of them is meant
        return None
    stack, frame = waiting[0]
    wait = "waits" if stack.count == 1 else "wait"
    text = f"{_capital(stack.subject)} still {wait} in {_line(frame)}, though the peer's reply has been read:"
    text += " whoever read it woke nobody."
    return Cause("wait", text, frame.base, frame.line, FIND, "05", woke_nobody=True)


def _is_read_by_a_thread(look: Look) -> bool:
    """Whether a thread beside the main one waits for the next line."""
    return any(_NEXT_LINE.search(frame.source) for _, frame in _at_work(look, "thread"))


def _is_reading_on(stack: Stack) -> bool:
    """Whether it waits for the next line, and serves nobody meanwhile: it has read all that was sent."""
    return bool(
        stack.who in ("main", "main task")
        and stack.own
        and _NEXT_LINE.search(stack.own[0].source)
        and (_READS_MESSAGES.search(_reader(stack).source))
    )


def _lock(look: Look, _code: str) -> Cause | None:
    """Somebody wants a lock that somebody holds, or that nobody gives back."""
    for stack, frame, wanted in _wants(look):
        name, where = wanted.name, _place(frame)
        want = "wants" if stack.count == 1 else "want"
        the_lock = "the lock" if name == "lock" else f"the lock {name}"
        for caller, held in _holds(stack):
            if caller is not frame and held.is_same(wanted):
                text = (
                    f"{_capital(the_lock)} is taken twice: {where}, in {frame.function}, wants it while "
                    f"line {held.line}, in {caller.function}, holds it: {stack.subject} waits for itself."
                )
                return Cause("lock", text, frame.base, frame.line, ONCE, lesson=OF_LOCKS)
        for other in look.stacks:
            for holder, held in _holds(other):
                if other is not stack and held.is_same(wanted):
                    inner = other.own[0]
                    text = (
                        f"{_capital(other.subject)} holds {the_lock} since {_at(holder, held.line)} and "
                        f"waits in line {inner.line} ({_source(inner)}); {stack.subject} {want} the lock in "
                        f"line {frame.line}, in {frame.function}."
                    )
                    return Cause("lock", text, holder.base, held.line, NO_LOCK, lesson=OF_LOCKS)
        for taken, at in look.taken:
            if taken == name:
                text = (
                    f"{_capital(the_lock)} is never released: {_place(at)} takes it ({name}.acquire()) and "
                    f"nothing there gives it back; {stack.subject} {want} it in line {frame.line}, in "
                    f"{frame.function}."
                )
                return Cause("lock", text, at.base, at.line, RELEASE.format(name=name), lesson=OF_LOCKS)
    return None


def _reads_on(look: Look, _code: str) -> Cause | None:
    """The main thread reads to the end of input before it answers, or blocks its loop with reading."""
    for stack, frame in _at_work(look, "main"):
        if _TO_THE_END.search(frame.source):
            text = f"The node reads on until the end of input before it answers: {_line(frame)}."
            return Cause("reading", text, frame.base, frame.line, ONE_BY_ONE, "00")
        if frame.is_coroutine and _NEXT_LINE.search(frame.source):
            text = (
                f"The coroutine {frame.function} waits for the next line in {_line(frame)} without "
                "an await: no other task can go on until that line comes."
            )
            return Cause("reading", text, frame.base, frame.line, AWAIT_INPUT)
        if _is_inside_coroutine(stack) and _NEXT_LINE.search(frame.source):
            text = f"{_capital(_line(frame))} waits for the next line inside a coroutine: no task goes on."
            return Cause("reading", text, frame.base, frame.line, AWAIT_INPUT)
    return None


def _reads_in_a_handler(look: Look, code: str) -> Cause | None:
    """The main thread has gone into a handler, and reads on in there: it serves nobody else meanwhile."""
    for stack, frame in _at_work(look, "main", "main task"):
        calls = _reader(stack)
        if code != "blocked" or calls is frame or _READS_MESSAGES.search(calls.source):
            continue
        if _NEXT_LINE.search(frame.source):
            caller = stack.own[1]  # the innermost line may be a helper's that reads for everybody
            waits = frame if caller is calls else caller
            text = (
                f"The main thread runs the handler itself, in {_line(calls)}, which waits in line "
                f"{waits.line} for its own reply to be read: nobody else is served meanwhile."
            )
            return Cause("wait", text, calls.base, calls.line, HAND_OVER)
    return None


def _sleeps(look: Look, _code: str) -> Cause | None:
    for stack, frame in _at_work(look):
        if not _SLEEPS.search(frame.source):
            continue
        text = f"{_capital(stack.subject)} sleeps in {_line(frame)}, in {frame.function}"
        blocks = stack.who == "main" and _is_inside_coroutine(stack)
        if blocks:
            text = f"The whole event loop sleeps in {_line(frame)}, in {frame.function}"
        return Cause("reading", f"{text}.", frame.base, frame.line, SLEEP_IN_LOOP if blocks else SLEEP)
    return None


def _main_waits(look: Look, _code: str) -> Cause | None:
    """The thread or task that should read waits for something else."""
    for stack, frame in _at_work(look, "main", "main task"):
        if _NEXT_LINE.search(frame.source) or (stack.who == "main" and stack.frames[0].function == "select"):
            continue
        if _is_starting_a_thread(stack):  # it was slow when it was looked at; what holds it up is elsewhere
            continue
        is_waiting = stack.is_in_library or stack.who == "main task" or _WAITS.search(frame.source)
        if not is_waiting:
            continue
        reads = _reader(stack)
        if reads is frame and (_OWN_INBOX.search(frame.source) or _is_read_by_a_thread(look)):
            continue
        if stack.who == "main task":
            through = "" if reads is frame else f", through {_line(frame)}"
            text = f"The task that reads waits for the handler, in {_line(reads)}{through}: nothing is"
            text += " read meanwhile."
            return Cause("wait", text, reads.base, reads.line, A_TASK)
        if _is_inside_coroutine(stack):
            text = f"The event loop stands in {_line(frame)}, in {frame.function}, without an await."
            return Cause(
                "wait", text, frame.base, frame.line, AWAIT_INPUT if "stdin" in frame.source else A_TASK
            )
        if _JOINS.search(frame.source):
            text = f"The main thread waits in {_line(frame)} for a thread to end: it reads nothing"
            return Cause("wait", f"{text} meanwhile.", frame.base, frame.line, HAND_OVER)
        if reads is frame:
            text = f"The main thread waits in {_line(frame)}, in {frame.function}: it reads nothing"
            return Cause("wait", f"{text} meanwhile.", frame.base, frame.line, HAND_OVER)
        text = (
            f"The main thread runs the handler itself, in {_line(reads)}, and waits in "
            f"line {frame.line} ({_source(frame)}): it reads nothing meanwhile."
        )
        hint = TARGET if "target=" in reads.source else HAND_OVER
        return Cause("wait", text, reads.base, reads.line, hint)
    return None


def _main_spins(look: Look, _code: str) -> Cause | None:
    """The main thread goes round in a loop of its own."""
    for _, frame in _at_work(look, "main"):
        source = frame.source
        if _LOOPS.search(source) and not _NEXT_LINE.search(source) and not _WAITS.search(source):
            text = f"The main thread goes round in the loop at {_line(frame)}, and reads nothing."
            return Cause("wait", text, frame.base, frame.line, SPIN)
    return None


def _handlers_wait(look: Look, code: str) -> Cause | None:
    """The main thread reads; handlers wait, all in one place."""
    at_work = list(_at_work(look, "thread", "task"))
    waiting = [(s, f) for s, f in at_work if _is_wait(s, f) and not _NEXT_LINE.search(f.source)]
    if not waiting or code == "wrong-type":  # who gave up on a peer had waited for it, as it should
        return None
    stack, frame = max(waiting, key=lambda pair: pair[0].count)
    if code == "blocked":
        if 1 < stack.count <= FEW or _is_pool(stack):
            text = f"{_capital(stack.subject)} wait in {_line(frame)}, and none is left for the rest."
            if stack.count == 1:
                text = f"The only worker waits in {_line(frame)}, and none is left for the rest."
            return Cause("wait", text, frame.base, frame.line, MORE)
        return None
    if _LOOPS.search(frame.source) and not _WAITS.search(frame.source):
        go = "goes" if stack.count == 1 else "go"
        text = f"{_capital(stack.subject)} {go} round in the loop at {_line(frame)}, in {frame.function}."
        return Cause("wait", text, frame.base, frame.line, SPIN)
    wait = "waits" if stack.count == 1 else "wait"
    text = f"{_capital(stack.subject)} still {wait} in {_line(frame)}, in {frame.function}"
    if lock := next((lock for lock in frame.locks if lock.state == "wants"), None):
        text += f", for {lock.name}, which nobody gives back."
        return Cause("lock", text, frame.base, frame.line, RELEASE.format(name=lock.name))
    hint = WAKE if stack.who == "task" and _is_read_by_a_thread(look) else TIMEOUT
    return Cause("wait", f"{text}.", frame.base, frame.line, hint)


def _busy(looks: Sequence[Look]) -> Cause | None:
    """It used the processor from one look to the next, and stood in a line of its own."""
    for before, after in pairwise(looks[-2:]):
        if before.cpu_s is None or after.cpu_s is None or after.cpu_s - before.cpu_s < BUSY:
            continue
        for stack, frame in _at_work(after):
            if not stack.is_in_library and not _NEXT_LINE.search(frame.source):
                text = f"{_capital(stack.subject)} is busy in {_line(frame)}, in {frame.function}."
                return Cause("wait", text, frame.base, frame.line, SPIN)
    return None


RULES: tuple[Callable[[Look, str], Cause | None], ...] = (
    _lock,
    _reads_on,
    _reads_in_a_handler,
    _sleeps,
    _main_spins,
    _main_waits,
    _handlers_wait,
)


def _at_work(look: Look, *who: str) -> Iterator[tuple[Stack, Frame]]:
    """Each place of these (of all, if none is named) with the innermost line that is the learner's own.

    Only where that line is known: without its source nobody can say what it waits for.
    """
    for stack in look.stacks:
        is_wanted = (not who or stack.who in who) and stack.own and stack.own[0].source
        if is_wanted and not stack.own[0].source.startswith(("import ", "from ")):  # it is only starting
            yield stack, stack.own[0]


def _wants(look: Look) -> Iterator[tuple[Stack, Frame, Lock]]:
    """Who stands at a lock. With threads in that very line; a task further in, in the lock's own code."""
    for stack, frame in _at_work(look):
        for lock in frame.locks:
            if lock.state == "wants":
                yield stack, frame, lock


def _holds(stack: Stack) -> Iterator[tuple[Frame, Lock]]:
    for frame in stack.own:
        for lock in frame.locks:
            if lock.state == "holds":
                yield frame, lock


def _reader(stack: Stack) -> Frame:
    """The line of the main thread's that should read, and calls what waits: the outermost that is in a loop.

    Outermost is the module, and what it calls; what those call is at work on one message.
    """
    outer = [frame for frame in stack.own if frame.function != "<module>"]
    return outer[-1] if outer else stack.own[0]


def _is_starting_a_thread(stack: Stack) -> bool:
    inside = takewhile(lambda frame: not frame.is_learners, stack.frames)
    return any(frame.function == "start" for frame in inside)


def _is_inside_coroutine(stack: Stack) -> bool:
    return any(frame.is_coroutine for frame in stack.own)


def _is_wait(stack: Stack, frame: Frame) -> bool:
    return bool(stack.is_in_library or _WAITS.search(frame.source) or _LOOPS.search(frame.source))


def _is_pool(stack: Stack) -> bool:
    return any(frame.function == "worker" or "pool" in frame.function for frame in stack.frames)


def _place(frame: Frame) -> str:
    return _at(frame, frame.line)


def _line(frame: Frame) -> str:
    return f"{_place(frame)} ({_source(frame)})"


def _source(frame: Frame) -> str:
    return frame.source if len(frame.source) <= SHOWN else f"{frame.source[: SHOWN - 1]}…"


def _at(frame: Frame, line: int) -> str:
    return f"{frame.base} line {line}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
