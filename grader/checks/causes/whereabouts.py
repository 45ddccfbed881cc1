"""Who stands where: what the rules of `standing` ask of a look, and how a place is told. Pure functions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from grader.conversation.thread_dumps import Frame, Lock, Look, Stack

NEXT_LINE = re.compile(r"\bstdin\b|\binput\(|\breadline\(\)|\bread1?\(")
READS_MESSAGES = re.compile(r"^(while|for|async for)\b|\w*(read|recv|receive|next|line|input|poll)\w*\(")
# How a reader takes the next message from its own inbox: that it waits there holds nobody up.
OWN_INBOX = re.compile(
    r"^(while|for|async for)\b.*\b(get|recv|receive)\b"
    r"|^(line|raw|message|msg|request|item)\w*\s*=.*\b(get|recv|receive)\("
    r"|^\(?\w+\s*,[\w\s,*()]*=.*\b(get|recv|receive)\("  # who sorts what comes there: kind, what = inbox.get()
)
_STARTS = re.compile(r"\.start\(\s*\)")
LOOPS = re.compile(r"^(while|for|async for)\b|^(pass|continue)$")
# A get that waits is a queue's: what a dict's is given is a key.
_GETS = r"\.get\(\s*($|\)|timeout\b|block\b|True\b|[\d.])"
WAITS = re.compile(
    rf"{_GETS}|\.(wait|wait_for|result|acquire|join|recv|select|communicate|pause)\(|\bawait\b|\bselect\("
)
FETCHES = re.compile(r"\.(get|recv|receive|wait|popleft)\b")
# What an actor takes out of its mailbox: it may wait for a time, since it has deadlines to keep.
_OF_WORK = re.compile(r"^(event|message|msg|letter|item|task|job|work|line|request|command|kind)\w*\s*[,=]")
_FOR_A_TIME = re.compile(r"\btimeout\b|\bwait_for\b|\.(get|wait|recv)\([^()]*\d")
HUNG = "hung-after-eof"
JOINS = re.compile(r"\.join\(\s*[\w.=]*\s*\)")
SLEEPS = re.compile(r"\bsleep\(")
_RUNS_THE_LOOP = re.compile(r"\b(asyncio\.run|run_until_complete|run_forever)\(")
SHOWN = 44  # characters of a line of the node's


@dataclass(frozen=True, slots=True)
class Question:
    """What a cause is asked for: the code of the finding, whether the input had ended by then, and whether the
    node had read its peer's reply.
    """

    code: str
    at_end: bool
    is_replied: bool = False


def at_work(look: Look, *who: str) -> Iterator[tuple[Stack, Frame]]:
    """Each place of these (of all, if none is named) with the innermost line that is the learner's own.

    Only where that line is known: without its source nobody can say what it waits for.
    """
    for stack in look.stacks:
        is_wanted = (not who or stack.who in who) and stack.own and stack.own[0].source
        if is_wanted and not stack.own[0].source.startswith(("import ", "from ")):  # it is only starting
            yield stack, stack.own[0]


def wants(look: Look) -> Iterator[tuple[Stack, Frame, Lock]]:
    """Who stands at a lock. With threads in that very line; a task further in, in the lock's own code."""
    for stack, frame in at_work(look):
        for lock in frame.locks:
            if lock.state == "wants":
                yield stack, frame, lock


def holds(stack: Stack) -> Iterator[tuple[Frame, Lock]]:
    for frame in stack.own:
        for lock in frame.locks:
            if lock.state == "holds":
                yield frame, lock


def reader(stack: Stack) -> Frame:
    """The line of the main thread's that should read, and calls what waits: the outermost that is in a loop.

    Outermost is the module, and what it calls; what those call is at work on one message.
    """
    outer = [frame for frame in stack.own if frame.function != "<module>"]
    return outer[-1] if outer else stack.own[0]


def is_starting_a_thread(stack: Stack) -> bool:
    """Whether it waits until a thread has begun: it soon has, but where others take all of a core."""
    return stack.is_in_library and bool(stack.own) and bool(_STARTS.search(stack.own[0].source))


def is_the_loop(stack: Stack) -> bool:
    """Whether it is the main thread in its event loop: its tasks say more."""
    return len(stack.own) == 1 and bool(_RUNS_THE_LOOP.search(stack.own[0].source))


def is_inside_coroutine(stack: Stack) -> bool:
    return any(frame.is_coroutine for frame in stack.own)


def is_wait(stack: Stack, frame: Frame) -> bool:
    return bool(stack.is_in_library or WAITS.search(frame.source) or LOOPS.search(frame.source))


def is_idle(stack: Stack) -> bool:
    """Whether it is a worker that waits for its next piece of work: it holds nobody up.

    It stands in the outermost of its functions, whose loop does not end, and waits without a timeout, or for
    what is no reply.
    """
    if len(stack.own) != 1 or stack.who not in ("thread", "task"):
        return False
    frame = stack.own[0]
    is_its_loop = frame.loop == "ever" or (bool(frame.loop) and LOOPS.search(frame.source))
    if not is_its_loop or (_FOR_A_TIME.search(frame.source) and not _OF_WORK.search(frame.source)):
        return False
    return bool(FETCHES.search(frame.source))


def is_full_pool(look: Look, stack: Stack) -> bool:
    """Whether it is of a pool, the library's or the node's own, none of whose workers is idle.

    The library's begins a thread only when it is needed: it is full where work waits for one.
    """
    if stack.is_of_pool:
        return stack.queued > 0
    root = stack.own[-1] if stack.own else None
    named = any(frame.function == "worker" or "pool" in frame.function for frame in stack.frames)
    in_a_loop = root is not None and len(stack.own) > 1 and root.loop != ""
    if not (named or in_a_loop):
        return False
    idle = [one.own[-1].function for one in look.stacks if is_idle(one)]
    return root is None or root.function not in idle


def size_of_pool(look: Look, stack: Stack) -> int:
    """How many workers the pool has that this one is of, as far as they have begun."""
    if stack.is_of_pool:
        return sum(one.count for one in look.stacks if one.is_of_pool)
    same = [one for one in look.stacks if one.own and one.own[-1].function == stack.own[-1].function]
    return sum(one.count for one in same)


def of_condition(frame: Frame) -> bool:
    """Whether it waits on a condition: on what a `with` around it holds."""
    return any(
        lock.state == "holds" and re.search(rf"(?<![\w.]){re.escape(lock.name)}\.wait", frame.source)
        for lock in frame.locks
    )


def verb(stack: Stack, plural: str, singular: str = "") -> str:
    """The verb as so many of them need it."""
    return plural if stack.count > 1 else singular or f"{plural}s"


def place(frame: Frame) -> str:
    return at_line(frame, frame.line)


def the_line(frame: Frame) -> str:
    return f"{place(frame)} ({shown(frame)})"


def shown(frame: Frame) -> str:
    return frame.source if len(frame.source) <= SHOWN else f"{frame.source[: SHOWN - 1]}…"


def at_line(frame: Frame, line: int) -> str:
    return f"{frame.base} line {line}"


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
