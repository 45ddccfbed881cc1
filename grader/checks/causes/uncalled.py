"""A statement that names a function and does not call it: `event.set`, without its parentheses. Pure."""

from collections.abc import Sequence

from grader.checks.causes.whereabouts import the_line
from grader.checks.findings import Cause
from grader.conversation.thread_dumps import Look

HINT = "Write {source}(): a function that is only named does nothing."


def cause(looks: Sequence[Look]) -> Cause | None:
    """The first of them; None if the node has none, or was not looked at."""
    for at in looks[-1].uncalled[:1] if looks else ():
        text = f"{the_line(at)} calls nothing: its parentheses are missing."
        return Cause("wait", text, at.base, at.line, HINT.format(source=at.source), woke_nobody=True)
    return None
