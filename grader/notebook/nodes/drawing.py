"""Draw a node: have a conversation with it, a case's or one of your own, and show the space-time diagram."""

from collections.abc import Sequence
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.diagrams.diagram import SpaceTime, spacetime
from grader.diagrams.lanes import ENDS
from grader.diagrams.layout import LaneMark
from grader.diagrams.trace import TRACER, Trace, read_trace
from grader.notebook.exercises.grading import Graded
from grader.sandbox.run_folder import RunFolder

if TYPE_CHECKING:
    from grader.cases.model import Case, CaseStep
    from grader.conversation.submission import Submission
    from grader.conversation.transcript import Transcript

TIMEOUT_MS = 2_000  # for a conversation of one's own; a case has its own

Said = dict[str, Any] | list[dict[str, Any]]


def diagram(
    node: str | Sequence[str] | Graded,
    case: str | Sequence[Said] = "",
    *,
    threads: bool = False,
    clock: bool = False,
    timeout_ms: float = TIMEOUT_MS,
) -> SpaceTime:
    """Have a conversation with a node, and draw who said what to whom, and who waited for whom.

    `node` is a file's name, or a command and its arguments as a list. `case` is a case's id; or a conversation
    of your own: messages, one after the other (a list of messages is one write), and between them, where you
    want them, steps as a case file has them, such as `{"expect": …}` or `{"silence_ms": 300}`. After an
    init its answer is waited for, after a proxy the request to the peer; and at the end an answer to each
    request, if it was not expected before; after a step `{"send": …}` nothing. All of it takes at most
    `timeout_ms`.

    `threads` draws a Python node's threads or tasks too, `clock` real milliseconds instead of steps.

    With what `grade` has returned as `node`, nothing is run again: the case that was graded is drawn; if none
    is named, the first that failed.

    Raises NoSuchCase, CaseFileError or NotGradable, each with a text that says what to do.
    """
    if isinstance(node, Graded):
        return spacetime([_graded(node, str(case))], clock=clock)
    chosen = _case(case, timeout_ms)
    transcript, trace = converse(_submission(node), chosen, traced=threads)
    if chosen.closes:
        return spacetime([("", transcript, trace)], clock=clock)
    return _timed(spacetime([("", transcript, in_time(trace, transcript))], clock=clock))


def converse(submission: "Submission", case: "Case", traced: bool = False) -> "tuple[Transcript, Trace]":
    """What passed in one conversation; `traced`, also what the node's threads did, if it is a Python node."""
    from grader.conversation.driver import Conversation
    from grader.conversation.node_process import prepare

    prepare()
    with RunFolder() as folder:
        file = Path(folder.name) / "trace"
        python, *rest = submission.command
        if traced and rest and rest[0].endswith(".py"):
            submission = replace(submission, command=(python, str(TRACER), str(file), *rest))
        conversation = Conversation(case, submission, folder.name)
        transcript = conversation.run()
        return transcript, read_trace(file, conversation.record.started)


def in_time(trace: "Trace", transcript: "Transcript") -> "Trace":
    """What was done before time was up: the end of the input may wake a reader before it is killed."""
    up = min((event.t_ms for event in transcript if event.kind == "eof"), default=inf)
    return tuple(did for did in trace if did.t_ms < up)


def _timed(picture: SpaceTime) -> SpaceTime:
    """Where the conversation itself doesn't end the input, an end of input says that time was up."""

    def renamed(mark: LaneMark) -> LaneMark:
        return replace(mark, label="time is up") if mark.label == ENDS["eof"] else mark

    panels = (replace(panel, marks=tuple(map(renamed, panel.marks))) for panel in picture.panels)
    return replace(picture, panels=tuple(panels))


def _submission(node: str | Sequence[str]) -> "Submission":
    from grader.conversation.submission import from_command, from_file

    return from_file(node) if isinstance(node, str) else from_command(node)


def _graded(graded: Graded, case: str) -> "tuple[str, Transcript]":
    """A case that was graded, by its name and what was found, and what passed in it."""
    from grader.cases.select import NoSuchCase

    results = graded.grade.results if graded.grade else ()
    for result in results:
        if result.case.id == case or (not case and result.findings):
            found = f": {result.findings[0].code}" if result.findings else ""
            return result.case.id + found, result.transcript
    known = ", ".join(result.case.id for result in results) or "none"
    raise NoSuchCase(f"no case {case or 'that failed'} was graded; there are: {known}")


def _case(case: str | Sequence[Said], timeout_ms: float) -> "Case":
    from grader.cases.model import Case
    from grader.cases.select import select

    if isinstance(case, str):
        if not case:
            raise TypeError('say which conversation: a case, like case="echo", or a list of messages')
        [chosen] = select(ids=[case])
        return chosen
    return Case("own", "", "", tuple(_steps(case)), timeout_ms, match="subset", msg_ids="ignored")


def _steps(said: Sequence[Said]) -> "list[CaseStep]":
    """A conversation of one's own as the steps of a case."""
    from grader.cases.model import Expect
    from grader.cases.parser import parse
    from grader.protocol.json_values import dumps

    lines: list[dict[str, Any]] = [{"case": "own", "title": "own"}]
    requests: list[dict[str, Any]] = []
    expected = {_answered(one["expect"]) for one in said if isinstance(one, dict) and "expect" in one}
    for one in said:
        step = {"send": one} if isinstance(one, list) or "body" in one else one
        lines.append(step)
        sent = step.get("send", [])
        for message in sent if isinstance(sent, list) else [sent]:
            body = message["body"]
            reply = {"src": "$any", "dest": message["src"], "body": {"in_reply_to": body.get("msg_id")}}
            if body["type"] == "init":
                lines.append({"expect": reply})
            elif "msg_id" in body and "in_reply_to" not in body and _answered(reply) not in expected:
                requests.append(reply)
            if body["type"] == "proxy" and step is not one:
                inner = {**body["inner"], "msg_id": "$int"}
                lines.append({"expect": {"src": message["dest"], "dest": body["target"], "body": inner}})
    text = "\n".join(dumps(line) for line in lines)
    [case] = parse(text, "own", "your conversation").cases
    return [*case.steps, *([Expect(tuple(requests))] if requests else [])]


def _answered(pattern: dict[str, Any]) -> tuple[Any, Any]:
    """Which request a pattern expects the answer to."""
    return pattern.get("dest"), pattern.get("body", {}).get("in_reply_to")
