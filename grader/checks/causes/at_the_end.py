"""Where a node stood that did not end with its input. Pure functions."""

from grader.checks.causes.whereabouts import (
    FETCHES,
    HUNG,
    JOINS,
    LOOPS,
    NEXT_LINE,
    SLEEPS,
    WAITS,
    Question,
    at_line,
    at_work,
    capital,
    reader,
    the_line,
    verb,
)
from grader.checks.findings import Cause
from grader.conversation.thread_dumps import Frame, Look, Stack

DONE = (
    "Call task_done() once for each get(), behind the work, whatever comes of it: that is what join() counts."
)
END_THEM = (
    "Tell it that no more comes: put a last letter (None) into the queue that it waits at, and let it end then."
)
GOES_ON = (
    "Its loop goes on as long as what line {line} asks for holds, and that is asked only behind the next "
    "letter: put one there after whatever changes it, at the end of input (also if not one line came) and at "
    "the end of somebody's time."
)
LAST_LETTER = (
    "Who reads puts a last letter (None) there when the input ends, also if not one line came, and this loop "
    "ends with it, once nobody is owed an answer."
)
THE_END = (
    "At the end a read gives nothing, '' (b'' where bytes are read), at once and each time: leave the loop "
    "then, “if not line: break”."
)


def cause(look: Look, asked: Question) -> Cause | None:
    """Why it did not end: whom it waits for, or that it reads on."""
    if asked.code != HUNG:
        return None
    for stack, frame in at_work(look, "main", "main task"):
        if JOINS.search(frame.source):
            return _joins(look, stack, frame)
        if (found := _reads_on(stack, frame) or _waits_for_more(stack, frame)) is not None:
            return found
    return None


def _joins(look: Look, stack: Stack, frame: Frame) -> Cause | None:
    """It waits for others, as it should: what counts is who does not end, or what is not counted as done."""
    begins = f"All is read, and {stack.subject} waits in {the_line(frame)}"
    inner = stack.frames[0]
    if stack.who == "main task" or (inner.base == "threading.py" and inner.function == "wait"):
        text = f"{begins} until each thing that was put there is counted as done."
        return Cause("wait", text, frame.base, frame.line, DONE)
    if inner.base != "threading.py":
        return None  # a process, say, or a text
    others = [(s, f) for s, f in at_work(look, "thread") if s.is_in_library]
    if len(others) > 1:
        others = [one for one in others if _asks(one[1])]  # rather than one that ends with a letter of its own
    if len(others) != 1:
        return Cause("wait", f"{begins} for a thread that does not end.", frame.base, frame.line, END_THEM)
    other, its = others[0]
    still = f"{capital(other.subject)} still {verb(other, 'wait')} in {the_line(its)}, in {its.function}."
    if _asks(its):
        hint = GOES_ON.format(line=its.in_loop)
        return Cause("wait", f"{begins} for a thread to end. {still}", its.base, its.line, hint)
    return Cause("wait", f"{begins} for a thread to end. {still}", its.base, its.line, END_THEM)


def _asks(frame: Frame) -> bool:
    """Whether it is in a loop that asks for something before each letter."""
    return frame.loop == "while" and frame.in_loop != frame.line


def _reads_on(stack: Stack, frame: Frame) -> Cause | None:
    """It goes on reading: each read gives it nothing, and at once."""
    is_in_loop = frame.loop in ("while", "ever") and not SLEEPS.search(frame.source)
    is_read = bool(NEXT_LINE.search(frame.source))
    is_another = bool(LOOPS.search(frame.source)) and not is_read
    if not is_in_loop or is_another or (WAITS.search(frame.source) and not is_read):
        return None
    text = f"The input has ended, and {stack.subject} still goes round in the loop at "
    text += f"{at_line(frame, frame.in_loop or frame.line)}, in {frame.function}."
    return Cause("reading", text, frame.base, frame.in_loop or frame.line, THE_END)


def _waits_for_more(stack: Stack, frame: Frame) -> Cause | None:
    """It takes from its inbox what another one reads, and nothing comes there any more."""
    if reader(stack) is not frame or not frame.loop or not FETCHES.search(frame.source):
        return None
    text = f"All is read, and {stack.subject} still waits in {the_line(frame)}, in {frame.function}."
    hint = GOES_ON.format(line=frame.in_loop) if _asks(frame) else LAST_LETTER
    return Cause("wait", text, frame.base, frame.line, hint)
