"""What names a function and does not call it: `event.set`, or `if not future.done`. Pure."""

from collections.abc import Sequence

from grader.checks.causes.whereabouts import the_line
from grader.checks.findings import Cause
from grader.conversation.thread_dumps import Look

NOTHING = "{line} calls nothing: its parentheses are missing."
HINT = "Write {source}(): a function that is only named does nothing."
ASK = "Write {name}(), with its parentheses: they ask it."


def cause(looks: Sequence[Look]) -> Cause | None:
    """The first of them; None if the node has none, or was not looked at."""
    for at in looks[-1].uncalled[:1] if looks else ():
        text = NOTHING.format(line=the_line(at))
        hint = HINT.format(source=at.source)
        if at.function:
            text = f"{the_line(at)} names {at.function} and does not call it: a function always counts as true."
            hint = ASK.format(name=at.function)
        return Cause("wait", text, at.base, at.line, hint, woke_nobody=True)
    return None
