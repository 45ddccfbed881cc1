"""Why a finding came about, as far as the source tells; and what else it adds to a cause that is known."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from grader.checks.causes.source.program import Source
from grader.checks.causes.source.slips import (
    Slip,
    called_at_once,
    name_of_its_own,
    one_for_all,
    put_and_changed,
    waits_before_it_answers,
)
from grader.checks.findings import Cause, Finding

MIXED_UP = ("blocked", "wrong-type", "no-reply", "cross-talk", "wrong-payload", "wrong-in-reply-to")
OUT_OF_A_QUEUE = (*MIXED_UP, "before-init", "duplicate-reply", "wrong-address", "unasked-message")
NOBODYS_TIME = re.compile(r"^(_queue\.|queue\.)?Empty\b")
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
    """The cause with a hint that fits its line better, if there is one."""
    if known.kind == "exception" and NOBODYS_TIME.search(known.text) and known.line is not None:
        function = source.around(known.line)
        for node in ast.walk(function) if function else ():
            if isinstance(node, ast.While) and node.lineno < known.line <= (node.end_lineno or 0):
                return replace(known, hint=NEXT_LETTER)
    return known


def _changed(source: Source) -> Iterator[Slip]:
    return (changed.slip(source) for changed in put_and_changed(source))


# By which codes each can be found; none: whichever.
RULES: tuple[tuple[tuple[str, ...], Callable[[Source], Iterator[Slip]]], ...] = (
    ((), called_at_once),
    ((), name_of_its_own),
    (OUT_OF_A_QUEUE, _changed),
    (MIXED_UP, one_for_all),
    (("wrong-order",), waits_before_it_answers),
)
