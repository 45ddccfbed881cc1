"""Newlines: a line that none ends, two messages with none between, one too many. Pure functions."""

from grader.checks.findings import Cause
from grader.conversation.transcript import Event
from grader.protocol.json_values import shorten

LONG = 80  # characters of the line that are shown
WITH_IT = "End each message with one newline, written in the same call, before you flush."


def of_unended(event: Event) -> Cause:
    """What stands on stdout, flushed, and waits for its newline."""
    line = event.line
    if "\r" in line:
        text = (
            "The node ends its lines with a carriage return (\\r) and no newline (\\n): nobody can tell where"
        )
        text += f" a message ends. It wrote {shorten(line, LONG)}"
    else:
        text = f"The newline is missing: the node wrote {shorten(line, LONG)}, and no newline (\\n) behind it."
    return Cause("newline", text, hint=WITH_IT, lesson="00")


def between() -> Cause:
    """Two whole messages on one line."""
    text = "The newline between two messages is missing, so that they stand on one line."
    return Cause("newline", text, hint=WITH_IT, lesson="00")


def twice() -> Cause:
    """A line with nothing on it."""
    text = "An empty line: a message is followed by two newlines, or one is written by itself."
    return Cause("newline", text, hint="Write one newline after each message, and nothing else.", lesson="00")
