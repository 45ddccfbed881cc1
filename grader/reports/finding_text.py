"""A finding in plain words, as lines of text: the same in the terminal, in pytest and in a notebook."""

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from grader.cases.select import DEFAULT_SUITES
from grader.checks.causes.raised import failure
from grader.checks.findings import CODES, Finding
from grader.conversation.thread_dumps import spoken
from grader.conversation.transcript import Event, describe_status
from grader.grading.results import Result
from grader.protocol.json_values import dumps, shorten
from grader.protocol.messages import message_on, place
from grader.reports.visible import visible

SHOWN_EVENTS = 2
SAME = 40  # characters that tell whether a message has been shown already
ENDED = ("did-not-start", "crashed", "bad-input")  # what came is the end of stderr
TRANSCRIPT_LINE = 400  # characters of a transcript's line; the terminal cuts further
LABEL = 18  # columns: the longest code and a space
PICTURE = 100  # columns of what handlers did side by side


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One line of an explanation: a label (or none) and its text. `clip` lines are cut, others wrapped."""

    label: str
    text: str
    clip: bool = False


def explain(result: Result, finding: Finding, again: str, full: bool = False) -> list[FindingLine]:
    """What is wrong, the messages concerned, what was expected, what came, and what to do.

    `again` is the command that runs just this case. In full: all that is known; else about eight lines.
    """
    cause = finding.cause
    lines = [FindingLine(finding.code, finding.message)]
    if cause is not None:  # what is known leads; what it has led to comes after
        lines = [FindingLine(finding.code, cause.text), FindingLine("so", finding.message)]
    concerned = [event for event in result.transcript if event.n in finding.events]
    is_written = any(event.n == finding.at and event.kind == "out" for event in concerned)
    if not full:  # how the node ended, and what came, is said elsewhere
        concerned = [
            event
            for event in concerned
            if event.kind in ("in", "out")
            and not finding.actual.startswith((describe(event)[:SAME], event.line[:SAME]))
        ][:SHOWN_EVENTS]
    for event in concerned:
        lines.append(FindingLine(f"#{event.n}", describe(event), clip=True))
    lines += _labelled("expected", finding.expected.split("\n"), clip=True)
    came = finding.actual.split("\n")
    said = failure(spoken(event.line for event in result.transcript if event.kind == "err"))
    is_told = cause is not None and cause.kind == "exception" and not full  # which is what stderr says
    has_ended = finding.code in ENDED and finding.actual != "nothing"
    if has_ended and said and not full:
        came = [shorten(said, 160)]
    if not (has_ended and is_told):
        lines += _labelled(f"came (#{finding.at})" if is_written else "came", came, clip=not has_ended)
    if said and not is_told and (full or not has_ended):
        lines.append(FindingLine("stderr", said, clip=True))
    lines += _labelled("stands", finding.stands if full else finding.stands[:1] if cause is None else ())
    if full:
        lines.append(FindingLine("usually", CODES[finding.code].cause))
    lesson = f" (lesson {finding.lesson})" if finding.lesson else ""
    lines.append(FindingLine("try", finding.hint + lesson))
    lines += _labelled("again", [again])
    return [replace(line, text=visible(line.text)) for line in lines]


def picture(result: Result, finding: Finding, width: int = PICTURE) -> list[str]:
    """Who did what in which line, a column for each handler: of a schedule that the explorer has found."""
    if result.explanation is None or finding is not result.findings[0]:
        return []
    from grader.reports.race_text import columns  # only now: most reports show no schedule

    return [visible(line) for line in columns(result.explanation, width)]


def again(submission: str, result: Result, is_command: bool = False, given: Sequence[str] = ()) -> str:
    """The command that runs just this case again, with what else was `given`: a seed, say.

    There is none for a hidden case: who may not see it has not got its file either.
    """
    if result.case.hidden:
        return ""
    suite = "" if result.case.file in DEFAULT_SUITES else f" --suite {shlex.quote(result.case.file)}"
    if result.explored is not None:  # which shows the schedule too
        seed = given[given.index("--seed") :][:2] if "--seed" in given else ()
        return shlex.join(("grader", "race", submission, "--case", result.case.id, *seed))
    more = f" {shlex.join(given)}" if given else ""
    options = f"{suite} --case {result.case.id}{more}"
    if is_command:
        return f"grader submit{options} -- {submission}"
    return f"grader submit {shlex.quote(submission)}{options}"


def describe(event: Event) -> str:
    """An event of the transcript on one line: `c2 → n1  {"type": "echo", …}`."""
    if event.kind in ("in", "out"):
        message = message_on(event.line)
        if message is None:
            who = "to the node" if event.kind == "in" else "from the node"
            return f"{who}  {shorten(event.line, TRANSCRIPT_LINE)}"
        body = shorten(dumps(message["body"]), TRANSCRIPT_LINE)
        return f"{place(message['src'])} → {place(message['dest'])}  {body}"
    if event.kind == "exit":
        return f"the node ended: {describe_status(event.status)}"
    if event.kind == "eof":
        return "end of input"
    return f"{event.kind}  {shorten(event.line, TRANSCRIPT_LINE)}"


def as_text(lines: Iterable[FindingLine]) -> str:
    """The explanation as plain text, labels in a column."""
    return "\n".join(f"{line.label:<{LABEL}}{line.text}" for line in lines)


def _labelled(label: str, texts: Sequence[str], clip: bool = False) -> list[FindingLine]:
    """The label stands beside the first text only; no text, no line."""
    return [FindingLine(label if place == 0 else "", text, clip) for place, text in enumerate(texts) if text]
