"""Where a node stood that did not answer: at a lock, in a wait, or reading on. Pure functions."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from grader.checks.causes import at_the_end, not_woken
from grader.checks.causes.called_here import called_here
from grader.checks.causes.whereabouts import (
    HUNG,
    JOINS,
    LOOPS,
    NEXT_LINE,
    OWN_INBOX,
    READS_MESSAGES,
    SLEEPS,
    WAITS,
    Question,
    at_line,
    at_work,
    capital,
    holds,
    is_full_pool,
    is_idle,
    is_inside_coroutine,
    is_starting_a_thread,
    is_the_loop,
    is_wait,
    place,
    reader,
    shown,
    size_of_pool,
    the_line,
    verb,
    wants,
)
from grader.checks.findings import Cause
from grader.conversation.thread_dumps import Frame, Look, Stack

_TO_THE_END = re.compile(r"\bstdin(\.buffer)?\.(read|readlines)\(|\b(list|sorted|tuple)\(\s*sys\.stdin\b")
_BLOCKS = re.compile(r"\.get\(\s*([\d.]+|(\w+\.)*\w*(timeout|limit|seconds|patience)\w*)\s*\)", re.IGNORECASE)
BUSY = 0.5  # of a core, between two looks: who waits uses none
OF_LOCKS = "03"  # the lesson that teaches what a lock is, and what not to do while one holds it
FEW = 30  # threads of a pool, at most, that may all be taken

RELEASE = "Take the lock by “with {name}:”, which gives it back on every path."
NO_LOCK = "Hold no lock while you wait: take what you need under the lock, let it go, and only then wait."
ONCE = "Take the lock once: let the function that is called under it be one that takes none."
HAND_OVER = (
    "Let the main thread only read: give each handler that may wait a thread, and don't wait for it there."
)
START = (
    "Is the thread that reads started? If this one is to read, let it do nothing else: what waits has a thread "
    "of its own."
)
A_TASK = "Make a task of it, and read on: asyncio.create_task(…), kept until it is done."
SLEEP = "Take the sleep away, or let it be where nobody waits for it."
FOR_THE_REPLY = (
    "A sleep ends when its time is up, not when the reply is there. Wait for the reply itself: get(timeout=1) "
    "of a queue (in asyncio: wait_for) goes on as soon as it comes."
)
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
IN_A_PROCESS = (
    "Start a thread (threading.Thread): a process works on a copy of the memory, and what it puts in a queue "
    "or a table of the node's is seen by nobody else."
)
BLOCK = "The first argument of a queue's get is block, not a time: write get(timeout=…)."
SPIN = "Let it wait instead of asking again and again: an Event, a Queue or a Future wakes who waits."


def cause(
    looks: Sequence[Look],
    code: str,
    *,
    named: str | None = None,
    is_asking: bool = True,
    at_end: bool = False,
) -> Cause | None:
    """What held the node up, as it stood in the last of these looks; None where that is not known.

    `named`: what the reply names that it seems to wait for, and that had been sent, as Python writes it.
    `is_asking`: it is about a proxy whose peer has been asked, so that a handler may wait for that one.
    `at_end`: its input had ended.
    """
    if not looks:
        return None
    look, asked = looks[-1], Question(code, at_end or code == HUNG, named is not None)
    for rule in RULES:
        of_reply = not_woken.cause(look, asked, named) if rule is _handlers_wait and named is not None else None
        if (found := of_reply or rule(look, asked)) is not None:
            is_of_peer = found.hint in (TIMEOUT, FOR_THE_REPLY)
            return found if is_asking or not is_of_peer else replace(found, hint="")
    return _busy(looks) or (_in_a_process(look) if code == "no-reply" else None)


def _is_read_by_a_thread(look: Look) -> bool:
    """Whether a thread beside the main one waits for the next line."""
    return any(NEXT_LINE.search(frame.source) for _, frame in at_work(look, "thread"))


def _lock(look: Look, _asked: Question) -> Cause | None:
    """Somebody wants a lock that somebody holds, or that nobody gives back."""
    for stack, frame, wanted in wants(look):
        name, where = wanted.name, place(frame)
        want = verb(stack, "want")
        the_lock = "the lock" if name == "lock" else f"the lock {name}"
        for caller, held in holds(stack):
            if caller is not frame and held.is_same(wanted):
                text = (
                    f"{capital(the_lock)} is taken twice: {where}, in {frame.function}, wants it while "
                    f"line {held.line}, in {caller.function}, holds it: {stack.subject} waits for itself."
                )
                return Cause("lock", text, frame.base, frame.line, ONCE, lesson=OF_LOCKS)
        for other in look.stacks:
            for holder, held in holds(other):
                if other is not stack and held.is_same(wanted):
                    inner = other.own[0]
                    text = (
                        f"{capital(other.subject)} holds {the_lock} since {at_line(holder, held.line)} and "
                        f"waits in line {inner.line} ({shown(inner)}); {stack.subject} {want} the lock in "
                        f"line {frame.line}, in {frame.function}."
                    )
                    return Cause("lock", text, holder.base, held.line, NO_LOCK, lesson=OF_LOCKS)
        for taken in look.taken:
            if taken.name == name:
                at, gives = taken.at, "nothing there gives it back"
                if taken.leaves:
                    gives = f"line {taken.leaves} returns without {name}.release()"
                text = (
                    f"{capital(the_lock)} is never released: {place(at)} takes it ({name}.acquire()) and "
                    f"{gives}; {stack.subject} {want} it in line {frame.line}, in {frame.function}."
                )
                return Cause("lock", text, at.base, at.line, RELEASE.format(name=name), lesson=OF_LOCKS)
    return None


def _reads_on(look: Look, asked: Question) -> Cause | None:
    """The main thread reads to the end of input before it answers, or blocks its loop with reading."""
    for stack, frame in at_work(look, "main"):
        if _TO_THE_END.search(frame.source):
            text = f"The node reads on until the end of input before it answers: {the_line(frame)}."
            return Cause("reading", text, frame.base, frame.line, ONE_BY_ONE, "00")
        if asked.at_end:  # a read gives nothing then, and at once
            continue
        if frame.is_coroutine and NEXT_LINE.search(frame.source):
            text = (
                f"The coroutine {frame.function} waits for the next line in {the_line(frame)} without "
                "an await: no other task can go on until that line comes."
            )
            return Cause("reading", text, frame.base, frame.line, AWAIT_INPUT)
        if is_inside_coroutine(stack) and NEXT_LINE.search(frame.source):
            text = f"{capital(the_line(frame))} waits for the next line inside a coroutine: no task goes on."
            return Cause("reading", text, frame.base, frame.line, AWAIT_INPUT)
    return None


def _reads_in_a_handler(look: Look, asked: Question) -> Cause | None:
    """The main thread has gone into a handler, and reads on in there: it serves nobody else meanwhile."""
    for stack, frame in at_work(look, "main", "main task"):
        calls = reader(stack)
        if asked.code != "blocked" or calls is frame or READS_MESSAGES.search(calls.source):
            continue
        if NEXT_LINE.search(frame.source):
            caller = stack.own[1]  # the innermost line may be a helper's that reads for everybody
            waits = frame if caller is calls else caller
            text = (
                f"The main thread runs the handler itself, in {the_line(calls)}, which waits in line "
                f"{waits.line} for its own reply to be read: nobody else is served meanwhile."
            )
            return Cause("wait", text, calls.base, calls.line, HAND_OVER)
    return None


def _sleeps(look: Look, _asked: Question) -> Cause | None:
    for stack, frame in at_work(look):
        if not SLEEPS.search(frame.source):
            continue
        text = f"{capital(stack.subject)} {verb(stack, 'sleep')} in {the_line(frame)}, in {frame.function}"
        blocks = stack.who == "main" and is_inside_coroutine(stack)
        if blocks:
            text = f"The whole event loop sleeps in {the_line(frame)}, in {frame.function}"
        hint = SLEEP_IN_LOOP if blocks else SLEEP
        if stack.who in ("thread", "task") and not frame.loop:
            hint = FOR_THE_REPLY
        return Cause("reading", f"{text}.", frame.base, frame.line, hint)
    return None


def _main_waits(look: Look, asked: Question) -> Cause | None:
    """The thread or task that should read waits for something else."""
    for stack, frame in at_work(look, "main", "main task"):
        if NEXT_LINE.search(frame.source) or (stack.who == "main" and stack.frames[0].function == "select"):
            continue
        if is_the_loop(stack) or (asked.at_end and reader(stack) is frame):
            continue  # at the end there is nothing to read
        if is_starting_a_thread(stack):  # it was slow when it was looked at; what holds it up is elsewhere
            asking = [(s, f) for s, f in at_work(look, "thread") if _asks(f) and not is_idle(s)]
            return _goes_round(*asking[0]) if asking else None
        is_waiting = stack.is_in_library or stack.who == "main task" or WAITS.search(frame.source)
        if not is_waiting:
            continue
        reads = reader(stack)
        if (
            reads is frame
            and OWN_INBOX.search(frame.source)
            and stack.who == "main"
            and look.stacks == (stack,)
        ):
            text = (
                f"The main thread waits in {the_line(frame)}, in {frame.function}: it reads nothing, and there"
            )
            return Cause("wait", f"{text} is no other thread that does.", frame.base, frame.line, START)
        if reads is frame and (OWN_INBOX.search(frame.source) or _is_read_by_a_thread(look)):
            continue
        if stack.who == "main task":
            through = "" if reads is frame else f", through {the_line(frame)}"
            text = f"The task that reads waits for the handler, in {the_line(reads)}{through}: nothing is"
            text += " read meanwhile."
            return Cause("wait", text, reads.base, reads.line, A_TASK)
        if is_inside_coroutine(stack):
            text = f"The event loop stands in {the_line(frame)}, in {frame.function}, without an await."
            return Cause(
                "wait", text, frame.base, frame.line, AWAIT_INPUT if "stdin" in frame.source else A_TASK
            )
        if JOINS.search(frame.source):
            text = f"The main thread waits in {the_line(frame)} for a thread to end: it reads nothing"
            return Cause("wait", f"{text} meanwhile.", frame.base, frame.line, HAND_OVER)
        if reads is frame:
            text = f"The main thread waits in {the_line(frame)}, in {frame.function}: it reads nothing"
            return Cause("wait", f"{text} meanwhile.", frame.base, frame.line, HAND_OVER)
        if (found := called_here(stack)) is not None:
            return found
        text = (
            f"The main thread runs the handler itself, in {the_line(reads)}, and waits in "
            f"line {frame.line} ({shown(frame)}): it reads nothing meanwhile."
        )
        return Cause("wait", text, reads.base, reads.line, HAND_OVER)
    return None


def _main_spins(look: Look, asked: Question) -> Cause | None:
    """The main thread goes round in a loop of its own."""
    for stack, frame in at_work(look, "main"):
        reads = reader(stack)
        if asked.code == "blocked" and frame is not reads and frame.loop in ("while", "ever"):
            text = f"The main thread runs the handler itself, in {the_line(reads)}, and goes round in a loop "
            text += f"there, in {frame.function} (line {frame.line}): it reads nothing meanwhile."
            return Cause("wait", text, reads.base, reads.line, HAND_OVER)
        source = frame.source
        if LOOPS.search(source) and not NEXT_LINE.search(source) and not WAITS.search(source):
            text = f"The main thread goes round in the loop at {the_line(frame)}, and reads nothing."
            return Cause("wait", text, frame.base, frame.line, SPIN)
    return None


def _handlers_wait(look: Look, asked: Question) -> Cause | None:
    """The main thread reads; handlers wait, all in one place."""
    working = list(at_work(look, "thread", "task"))
    waiting = [
        (s, f) for s, f in working if is_wait(s, f) and not is_idle(s) and not NEXT_LINE.search(f.source)
    ]
    if not waiting or asked.code == "wrong-type":  # who gave up on a peer had waited for it, as it should
        return None
    stack, frame = max(waiting, key=lambda pair: pair[0].count)
    if asked.code == "blocked":
        if is_full_pool(look, stack) and stack.count <= FEW:
            others = size_of_pool(look, stack) - stack.count
            waits = f"{verb(stack, 'wait')} in {the_line(frame)}"
            who = "The only worker" if stack.count == 1 and not others else capital(stack.subject)
            elsewhere = ", the pool's other workers elsewhere" if others else ""
            text = f"{who} {waits}{elsewhere}, and none is left for the rest."
            return Cause("wait", text, frame.base, frame.line, MORE)
        return None
    if _asks(frame):
        return _goes_round(stack, frame)
    text = f"{capital(stack.subject)} still {verb(stack, 'wait')} in {the_line(frame)}, in {frame.function}"
    if lock := next((lock for lock in frame.locks if lock.state == "wants"), None):
        text += f", for {lock.name}, which nobody gives back."
        return Cause("lock", text, frame.base, frame.line, RELEASE.format(name=lock.name))
    is_unwoken = asked.is_replied and stack.who == "task" and _is_read_by_a_thread(look)
    hint = WAKE if is_unwoken else TIMEOUT
    if _BLOCKS.search(frame.source) and stack.who == "thread":
        return Cause("wait", f"{text}: that is no timeout.", frame.base, frame.line, BLOCK)
    return Cause("wait", f"{text}.", frame.base, frame.line, hint)


def _in_a_process(look: Look) -> Cause | None:
    """It has started a function of its own in a process, which has a memory of its own."""
    for at in look.processes[:1]:
        text = f"{place(at)} starts a process for {at.function}, not a thread: what {at.function} puts or "
        text += "changes stays in the memory of that process."
        return Cause("wait", text, at.base, at.line, IN_A_PROCESS)
    return None


def _busy(looks: Sequence[Look]) -> Cause | None:
    """It used the processor from one look to the next, and stood in a line of its own, or asks in a loop."""
    for before, after in pairwise(looks[-2:]):
        if before.cpu_s is None or after.cpu_s is None or after.cpu_s - before.cpu_s < BUSY:
            continue
        for stack, frame in at_work(after):
            if NEXT_LINE.search(frame.source) or is_idle(stack) or (stack.is_in_library and not _asks(frame)):
                continue
            text = f"{capital(stack.subject)} is busy in {the_line(frame)}, in {frame.function}."
            busy = Cause("wait", text, frame.base, frame.line, SPIN)
            return _goes_round(stack, frame) if _asks(frame) else busy
    return None


def _asks(frame: Frame) -> bool:
    """Whether it asks again and again for what it could wait for."""
    return bool(LOOPS.search(frame.source)) and not (
        WAITS.search(frame.source) or NEXT_LINE.search(frame.source)
    )


def _goes_round(stack: Stack, frame: Frame) -> Cause:
    go = verb(stack, "go", "goes")
    at = frame.in_loop or frame.line  # its own line, whichever of its lines it stood in
    where = the_line(frame) if at == frame.line else at_line(frame, at)
    text = f"{capital(stack.subject)} {go} round in the loop at {where}, in {frame.function}."
    return Cause("wait", text, frame.base, at, SPIN)


RULES: tuple[Callable[[Look, Question], Cause | None], ...] = (
    _lock,
    _reads_on,
    _reads_in_a_handler,
    _sleeps,
    at_the_end.cause,
    _main_spins,
    _main_waits,
    _handlers_wait,
)
