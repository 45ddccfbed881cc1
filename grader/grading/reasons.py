"""Failures without a known reason: which are played once more, with the node followed, and what comes of that;
and what the node's source tells.
"""

import sys
import tokenize
from dataclasses import replace

from grader.checks.causes.followed import is_seen
from grader.checks.causes.of_silence import MISSING
from grader.checks.causes.source import cause as in_source
from grader.checks.causes.source.program import Source, parsed
from grader.checks.judge import Verdict
from grader.conversation.submission import Submission

LONGEST = 1 << 15  # characters of a source: an exercise is shorter, and some searches take the square of it
# An answer that is an error tells no more of the exception behind it than one that never came.
FOLLOWED = {*MISSING, "wrong-type"} - {"did-not-start", "bad-input"}


def can_be_followed(submission: Submission) -> bool:
    """Whether a node would tell what it catches: one that runs on Python, where it can be asked."""
    return sys.platform == "linux" and submission.language == "python"


def is_without_reason(verdict: Verdict) -> bool:
    """Whether something failed that an exception may have brought about, and nobody knows by what."""
    leading = verdict.findings[0] if verdict.findings else None
    return leading is not None and leading.cause is None and leading.code in FOLLOWED


def fail_alike(verdict: Verdict, other: Verdict) -> bool:
    """Whether the same leads in both."""
    return bool(other.findings) and other.findings[0].code == verdict.findings[0].code


def with_reason(verdict: Verdict, followed: Verdict) -> Verdict:
    """The verdict with what is known of the same failure where the node was followed: the exception behind it,
    or what ran.
    """
    leading, *others = verdict.findings
    again = followed.findings[0] if fail_alike(verdict, followed) else None
    if again is None or (again.cause is not None and not is_seen(again.cause)):
        return verdict
    return replace(verdict, findings=(replace(leading, cause=again.cause, hint=again.hint), *others))


def source_of(submission: Submission) -> Source | None:
    """The source of the file that a Python node is started by; None if that can't be read."""
    if submission.language != "python":
        return None
    scripts = [submission.folder / word for word in submission.command[1:] if word.endswith(".py")]
    for script in scripts[:1]:
        try:
            with tokenize.open(script) as file:  # in the encoding that it says it has
                text = file.read(LONGEST + 1)
        except (OSError, SyntaxError, UnicodeError):
            return None
        return parsed(script.name, text) if len(text) <= LONGEST else None
    return None


def with_source(verdict: Verdict, source: Source) -> Verdict:
    """The verdict with what the source tells of the failure that leads."""
    leading, *others = verdict.findings
    known = in_source.refined(source, leading.cause) if leading.cause else in_source.cause(source, leading)
    if known is None or known == leading.cause:
        return verdict
    return replace(verdict, findings=(replace(leading, cause=known, hint=known.hint or leading.hint), *others))
