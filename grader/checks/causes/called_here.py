"""A handler that is called where it is to be handed over: target=f(x), thread.run(). Pure functions."""

import re
from collections.abc import Iterator
from itertools import pairwise

from grader.checks.causes.whereabouts import place, shown
from grader.checks.findings import Cause
from grader.conversation.thread_dumps import Frame, Stack

_CALL = r"(?P<f>[A-Za-z_][\w.]*)\((?P<args>[^()]*)\)"
_TARGET = re.compile(rf"\btarget\s*=\s*{_CALL}")
_GIVEN = re.compile(rf"\b(?P<to>submit|to_thread|Timer)\(\s*(?P<first>[^,()]+,\s*)?{_CALL}")
_IN_EXECUTOR = re.compile(rf"\brun_in_executor\(\s*(?P<first>[^,()]+),\s*{_CALL}")
_RUN = re.compile(r"\b(?P<thread>[A-Za-z_][\w.]*)\.run\(\)")
START = "run() runs it right here; start() starts a thread that does: {thread}.start()."
APART = "Hand over the function and its arguments apart: {how}."


def called_here(stack: Stack) -> Cause | None:
    """The line of the main thread's that calls the handler where it seems to hand it over, if one does."""
    for caller, called in _calls(stack):
        waits = f"and waits in line {stack.own[0].line} ({shown(stack.own[0])}): it reads nothing meanwhile."
        if (match := _RUN.search(caller.source)) and called.function != "run":
            thread = match["thread"]
            text = f"{thread}.run() in {place(caller)} runs the handler in the main thread, {waits}"
            return Cause("wait", text, caller.base, caller.line, START.format(thread=thread))
        for pattern in (_TARGET, _GIVEN, _IN_EXECUTOR):
            match = pattern.search(caller.source)
            if match is None or match["f"].rpartition(".")[2] != called.function:
                continue
            text = f"{match['f']}(…) is called in {place(caller)} ({shown(caller)}), not handed over: the main "
            text += f"thread runs it itself, {waits}"
            return Cause("wait", text, caller.base, caller.line, APART.format(how=_how(match)))
    return None


def _calls(stack: Stack) -> Iterator[tuple[Frame, Frame]]:
    """Each of its own lines that calls, the outermost first, and what it has called."""
    for called, caller in reversed(list(pairwise(stack.own))):
        yield caller, called


def _how(match: re.Match[str]) -> str:
    """The call as it was meant, with the function and its arguments apart."""
    f, args = match["f"], match["args"].strip().rstrip(",")
    if "to" not in match.groupdict() and "first" not in match.groupdict():
        given = f"({args},)" if args and "," not in args else f"({args})"
        return f"target={f}, args={given}" if args else f"target={f}"
    name = match.groupdict().get("to") or "run_in_executor"
    first = (match["first"] or "").strip().rstrip(",")
    if name == "Timer":
        return f"Timer({first or '…'}, {f}, [{args}])"
    return f"{name}({', '.join(filter(None, (first, f, args)))})"
