"""What a reader is told first and last: the lead, what is the same failure again, and what comes next. Pure."""

import shlex
from collections.abc import Sequence

from grader.cases.select import DEFAULT_SUITES
from grader.checks.causes.raised import failure
from grader.conversation.thread_dumps import spoken
from grader.grading.lead import lead
from grader.grading.results import Grade, Result
from grader.protocol.json_values import shorten
from grader.reports.finding_text import ENDED

SAID = 160  # characters of what it said last
REPEATED = ("did-not-start",)  # what every case would say again


def is_repetition(result: Result) -> bool:
    """Whether a failed case only says what one before said: it did not start, or was not begun again."""
    finding = result.findings[0] if result.status == "failed" else None
    return finding is not None and (finding.code in REPEATED or (finding.follows and not result.transcript))


def first(results: Sequence[Result]) -> tuple[str, str, str] | None:
    """What to do first: what leads and where, with its cause; the hint; the lesson that teaches it."""
    leading = lead(results)
    if leading is None:
        return None
    finding = leading.finding
    where = f"{finding.code} in {leading.result.case.id}"
    what = f"{where}: {finding.cause.text if finding.cause else finding.message}"
    said = failure(spoken(event.line for event in leading.result.transcript if event.kind == "err"))
    if finding.cause is None and finding.code in ENDED and said:
        what += f" Last on stderr: {shorten(said, SAID)}"
    lesson = f"Lesson {finding.lesson} teaches it." if finding.lesson else ""
    return what, finding.hint, lesson


def next_step(grade: Grade, *, is_command: bool = False) -> str:
    """What comes next once all has passed; empty if something has not."""
    if not grade.passed or not grade.results:
        return ""
    passed = {result.case.file for result in grade.results if result.status == "passed"}
    rest = [suite for suite in DEFAULT_SUITES if suite not in {result.case.file for result in grade.results}]
    if rest:
        suites = " ".join(f"--suite {suite}" for suite in rest)
        node = grade.submission if is_command else shlex.quote(grade.submission)
        return f"grader submit {suites} -- {node}" if is_command else f"grader submit {node} {suites}"
    if "rpc" not in passed:
        return "let it wait for other nodes without holding anybody up: lesson 01."
    return (
        "compare it with the reference: reference/with_threads.py, with_asyncio.py, with_queues.py; lesson 06."
    )
