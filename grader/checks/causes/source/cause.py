"""Why a finding came about, as far as the source tells; and what else it adds to a cause that is known."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from grader.checks.causes.not_woken import GIVE_IT
from grader.checks.causes.of_silence import UNFOUND
from grader.checks.causes.source.endings import told_to_end_at_once
from grader.checks.causes.source.keys import looked_up_beside_the_body
from grader.checks.causes.source.program import Source, last_name
from grader.checks.causes.source.slips import (
    Slip,
    broad_before_narrow,
    called_at_once,
    coroutine_not_started,
    name_of_its_own,
    one_for_all,
    only_named,
    put_and_changed,
    waits_before_it_answers,
    writes_in_threads,
)
from grader.checks.causes.source.tables import forgets_all, key_of_another_type, sent_before_noted
from grader.checks.causes.source.waits import (
    one_of_the_module,
    time_of_the_start,
    wait_asked_for_none,
)
from grader.checks.findings import Cause, Finding

MIXED_UP = ("blocked", "wrong-type", "no-reply", "cross-talk", "wrong-payload", "wrong-in-reply-to")
OUT_OF_A_QUEUE = (*MIXED_UP, "before-init", "duplicate-reply", "wrong-address", "unasked-message")
UNSTARTED = (*UNFOUND, "not-flushed", "lost-at-eof", "hung-after-eof", "missing-error")
NOBODYS_TIME = re.compile(r"^(_queue\.|queue\.)?Empty\b")
TIME_WAS_UP = re.compile(r"^(asyncio\.\S*)?(TimeoutError|CancelledError)\b")
AROUND_ALL = (
    "The time limit in line {line} is around the whole handler, and cancels it: nobody is left to answer. Put "
    "wait_for around the wait for the peer's reply alone, and catch TimeoutError there: answer error 0."
)
NEXT_LETTER = (
    "Here the thread waits for its next letter, and may do so for ever: wait without a timeout, or catch "
    "queue.Empty and go on (a continue). Only who waits for a peer gives up after 1 s."
)


def cause(source: Source, finding: Finding) -> Cause | None:
    """Why, where nobody else knows it: the first slip that can have brought this about."""
    for codes, slips in RULES:
        if not codes or finding.code in codes:
            for slip in slips(source):
                return Cause("wait", slip.text, source.base, slip.line, slip.hint)
    return None


def refined(source: Source, known: Cause) -> Cause:
    """The cause with what the source adds to it, if that says more."""
    if known.hint == GIVE_IT:  # it was noted rightly, and found by nobody: too late, perhaps
        for slip in sent_before_noted(source):
            return replace(known, text=slip.text, line=slip.line, hint=slip.hint)
    if known.kind == "exception" and known.text.startswith("KeyError"):
        for slip in looked_up_beside_the_body(source):
            return replace(known, hint=f"{slip.text} {slip.hint}")
    if known.kind == "exception" and TIME_WAS_UP.search(known.text):
        for line in _limits_of_handlers(source):
            return replace(known, hint=AROUND_ALL.format(line=line))
    if known.kind == "exception" and NOBODYS_TIME.search(known.text) and known.line is not None:
        function = source.around(known.line)
        for node in ast.walk(function) if function else ():
            if isinstance(node, ast.While) and node.lineno < known.line <= (node.end_lineno or 0):
                return replace(known, hint=NEXT_LETTER)
    return known


def _limits_of_handlers(source: Source) -> Iterator[int]:
    """Lines in which a whole task has a time limit: `create_task(wait_for(f(), 1))`."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and last_name(node.func) in ("create_task", "ensure_future"):
            for one in node.args[:1]:
                if isinstance(one, ast.Call) and last_name(one.func) == "wait_for":
                    yield node.lineno


def _changed(source: Source) -> Iterator[Slip]:
    return (changed.slip(source) for changed in put_and_changed(source))


# By which codes each can be found; none: whichever.
RULES: tuple[tuple[tuple[str, ...], Callable[[Source], Iterator[Slip]]], ...] = (
    ((), called_at_once),
    ((), name_of_its_own),
    ((), looked_up_beside_the_body),
    ((*UNFOUND, "lost-at-eof", "hung-after-eof"), only_named),
    (OUT_OF_A_QUEUE, _changed),
    (MIXED_UP, one_for_all),
    (MIXED_UP, one_of_the_module),
    (("missing-error", "wrong-type"), broad_before_narrow),
    (UNFOUND, time_of_the_start),
    (UNFOUND, wait_asked_for_none),
    (UNFOUND, key_of_another_type),
    (UNFOUND, forgets_all),
    (UNSTARTED, coroutine_not_started),
    (("lost-at-eof",), told_to_end_at_once),
    (("wrong-order",), waits_before_it_answers),
    (("wrong-order",), writes_in_threads),
)
