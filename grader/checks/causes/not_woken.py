"""Who waits for a reply that has been read: under what it is noted, and what the reply names. Pure."""

import re

from grader.checks.causes.whereabouts import (
    LOOPS,
    NEXT_LINE,
    OWN_INBOX,
    READS_MESSAGES,
    Question,
    at_work,
    capital,
    is_full_pool,
    is_idle,
    is_wait,
    of_condition,
    reader,
    the_line,
    verb,
)
from grader.checks.findings import Cause
from grader.conversation.thread_dumps import Frame, Look, Stack, TableEntry

_IN_REPLY_TO = re.compile(
    r"""^[\w.]+(\[["']\w+["']\])*(\[["']in_reply_to["']\]|\.get\(["']in_reply_to["']\))$"""
)
FIND = (
    "A reply must find who waits and wake it: is that noted before the request is sent, under just the msg_id "
    "that in_reply_to names (a number is not its text), and is the event or future set?"
)
NOTIFY_ALL = (
    "notify() wakes one of those who wait, and that need not be the one whose reply has come: notify_all() "
    "wakes them all, and each looks whether its own is there."
)
TEXT = "{number} and {text} are two keys: use the number itself, as msg_id and in_reply_to have it."
OF_THE_REQUEST = "Note who waits under the msg_id of the very message that is sent: in_reply_to will name it."
GIVE_IT = "Hand what stands there the reply, in every case: put, set or set_result."
LOOK_IT_UP = (
    "Where a reply is read, look in {table} for its body's in_reply_to, as it is, and hand what stands there "
    "the reply (put, set, set_result)."
)
SAME = "Both must give the same key: print them to stderr, or use the msg_id alone, which in_reply_to names."
NOTE_IT = (
    "Note it under the msg_id of the request, before that is written, and leave it there till the reply comes."
)
PUT_IT = "Put the reply there under its body's in_reply_to, as it is: there who waits for it looks."
WAKE_IT = "Once it is there, wake who waits: notify_all() of the condition, under its lock."


def cause(look: Look, asked: Question, named: str) -> Cause | None:
    """Who still waits for its peer's reply, though who reads was back at the next line and so had read it.

    `named` is what stands in the reply's in_reply_to, as Python writes it.
    """
    if not (asked.at_end or _is_reading_on(look)):
        return None
    if (found := _waiting(look)) is None:
        return None
    stack, frame = found
    line, why, hint = frame.line, "whoever read it woke nobody", FIND
    noted = _of_reply(stack, named)
    if stack.who == "thread" and stack.count > 1 and of_condition(frame):
        why, hint = "whoever read it did not wake the one who waits for it", NOTIFY_ALL
    elif noted and noted.has is not None:
        why, hint = _as_looked_for(noted, noted.has, named)
    elif noted and noted.key == named and noted.read:
        line, why, hint = _as_looked_up(noted)
    elif noted:
        line, why, hint = _as_noted(noted, named, line)
    text = (
        f"{capital(stack.subject)} still {verb(stack, 'wait')} in {the_line(frame)}, though the peer's reply "
    )
    text += f"has been read: {why}."
    return Cause("wait", text, frame.base, line, hint, "05", woke_nobody=True)


def misnoted(look: Look, asked: Question, named: str) -> Cause | None:
    """The same, but only if it is noted under another key than the reply names, or nowhere.

    What an exception tells of an entry that is missing comes of that.
    """
    found = _waiting(look)
    noted = _of_reply(found[0], named) if found else None
    return cause(look, asked, named) if noted and noted.has is None and noted.key != named else None


def _of_reply(stack: Stack, named: str) -> TableEntry | None:
    """Of those who wait there, the one who is noted under what the reply names, or its text; else the first."""
    near = sorted(stack.noted, key=lambda one: (one.key != named, not _two_keys(one.key, named)))
    return near[0] if near else None


def _waiting(look: Look) -> tuple[Stack, Frame] | None:
    """The place at which a handler waits; where there are several, nobody can tell which of them is meant."""
    waiting = [
        (stack, frame)
        for stack, frame in at_work(look, "thread", "task")
        if is_wait(stack, frame)
        and not NEXT_LINE.search(frame.source)
        and not LOOPS.search(frame.source)
        and not is_idle(stack)
        and not is_full_pool(look, stack)
        and not any(lock.state == "wants" for lock in frame.locks)
    ]
    return waiting[0] if len(waiting) == 1 else None


def _is_reading_on(look: Look) -> bool:
    """Whether who reads waits for the next line, and serves nobody meanwhile: all that was sent has been read.

    That is the main thread; or a thread, while the main one waits in its inbox.
    """
    mains = [stack for stack in look.stacks if stack.who in ("main", "main task") and stack.own]
    if any(NEXT_LINE.search(s.own[0].source) and READS_MESSAGES.search(reader(s).source) for s in mains):
        return True
    is_idle_main = any(
        reader(stack) is stack.own[0] and OWN_INBOX.search(stack.own[0].source) for stack in mains
    )
    return is_idle_main and any(NEXT_LINE.search(frame.source) for _, frame in at_work(look, "thread"))


def _as_looked_up(noted: TableEntry) -> tuple[int, str, str]:
    """It is noted under what the reply names: the line that looks something else up there, or that finds it."""
    line, key = next((at for at in noted.read if not _is_right(at[1])), noted.read[0])
    why = (
        f"who waits is noted in {noted.table} under {noted.key}, as the reply names it, and line {line} looks "
    )
    if _is_right(key):
        return line, f"{why}there for {key}, and wakes nobody", GIVE_IT
    is_text = key.startswith(("str(", "f'", 'f"', "repr("))
    hint = (
        TEXT.format(number=noted.key, text=repr(noted.key)) if is_text else LOOK_IT_UP.format(table=noted.table)
    )
    return line, f"{why}there for {key}", hint


def _as_noted(noted: TableEntry, named: str, line: int) -> tuple[int, str, str]:
    """It is noted under something else, or nowhere: the line that does so, if it is known, else `line`."""
    if not noted.table:
        return line, "who waits for it is noted in no table, where the reply could find it", NOTE_IT
    if noted.key == named:
        why = (
            f"who waits is noted in {noted.table} under {noted.key}, as the reply names it, and nobody woke it"
        )
        return line, why, LOOK_IT_UP.format(table=noted.table)
    why = f"who waits for it is noted in {noted.table} under {noted.key}"
    if len(noted.written) == 1:
        [(line, key)] = noted.written
        why += f" (line {line}: {key})"
    if noted.key.startswith("(") and noted.read:  # of several parts: which of them differ the two lines show
        there, key = noted.read[0]
        return line, f"{why}, and line {there} looks there for {key}", SAME
    return line, f"the reply names {named}, and {why}", _two_keys(noted.key, named) or OF_THE_REQUEST


def _as_looked_for(noted: TableEntry, has: tuple[str, ...], named: str) -> tuple[str, str]:
    """It waits until the reply itself stands in a table that `has` these keys."""
    if noted.key != named:
        why = f"the reply names {named}, and it looks for {noted.key} in {noted.table}"
        return why, _two_keys(noted.key, named) or OF_THE_REQUEST
    if noted.key in has:
        return f"the reply stands in {noted.table} under {noted.key}, and nobody woke who waits", WAKE_IT
    there = f"there {'stands' if len(has) == 1 else 'stand'} {', '.join(has)}" if has else "that is empty"
    why = f"it looks for {noted.key} in {noted.table}, as the reply names it, and {there}"
    return why, next(filter(None, (_two_keys(key, named) for key in has)), PUT_IT)


def _is_right(key: str) -> bool:
    """Whether what is looked up is what a reply names: its in_reply_to, as it is, or a variable's value."""
    return key.isidentifier() or bool(_IN_REPLY_TO.search(key))


def _two_keys(one: str, other: str) -> str:
    """A hint, where one is a number and the other its text; else empty."""
    if one == other or one.strip("'\"") != other.strip("'\""):
        return ""
    number, text = sorted((one, other), key=lambda key: not key.lstrip("-").isdigit())
    return TEXT.format(number=number, text=text)
