"""Replays: a found schedule as a small JSON file, anchored to source lines and events; and shown again."""

import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from grader.explorer.process import Job
from grader.explorer.race import Gone, ask
from grader.explorer.record import Decision, as_json, from_json
from grader.explorer.search import Replayable
from grader.explorer.search import Result as Searched
from grader.explorer.tree import Recorded
from grader.grading import Grade, Result
from grader.selection import select
from grader.submission import Submission
from grader.transcript import Event
from grader.verdict import judge

VERSION = 1


class Refusal(Exception):
    """A replay that can't be used; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What the file holds. `decisions` are the anchors, `lines` what the node wrote."""

    node: str
    digest: str  # of the node's source
    python: str
    suite: str
    case: str
    seed: int
    code: str
    schedule: Replayable
    decisions: tuple[Decision, ...]
    lines: tuple[str, ...]


def save(file: str, submission: Submission, searched: Searched, seed: int) -> None:
    """Write what was found. Raises Refusal if the file can't be written."""
    found, schedule = searched.found, searched.replay
    assert found is not None
    assert schedule is not None
    run = found.failing
    data = {
        "version": VERSION,
        "node": run.node,
        "digest": _digest(submission),
        "python": _python(),
        "suite": searched.case.file or searched.case.suite,
        "case": run.case,
        "seed": seed,
        "code": found.code,
        "choices": list(schedule.choices),
        "racy": sorted(schedule.racy),
        "shared": sorted(_plain(schedule.shared), key=str),
        "decisions": as_json(run.decisions),
        "lines": [event.line for event in run.transcript if event.kind == "out"],
    }
    try:
        Path(file).write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise Refusal(f"--save {file}: can't be written: {error.strerror}") from None


def load(file: str) -> Replay:
    """The replay in a file. Raises Refusal if it is none."""
    try:
        data = json.loads(Path(file).read_text("utf-8"))
        if data["version"] != VERSION:
            raise Refusal(f"--replay {file}: written by another version of the grader; explore again")
        return Replay(
            data["node"], data["digest"], data["python"], data["suite"], data["case"], data["seed"],
            data["code"],
            Replayable(tuple(data["choices"]), frozenset(data["racy"]), frozenset(_tuple(data["shared"]))),
            tuple(from_json(Decision, item) for item in data["decisions"]),
            tuple(data["lines"]),
        )  # fmt: skip
    except OSError as error:
        raise Refusal(f"--replay {file}: can't be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise Refusal(f"--replay {file}: no replay; grader race NODE --save FILE writes one") from None


def doubts(replay: Replay, submission: Submission) -> list[str]:
    """Why the schedule may not come out the same."""
    found = []
    if replay.digest != _digest(submission):
        found.append(f"{submission.name} is not the same as when the schedule was found")
    if replay.python != _python():
        found.append(f"it was found on Python {replay.python}, and this is {_python()}")
    return found


def again(replay: Replay, submission: Submission) -> Recorded:
    """The run of this replay, made again. Raises Refusal if it can't be made."""
    case = select([replay.suite], [replay.case], replay.seed)[0]
    job = Job(submission.command[-1], (case,), 0.0, replay.seed, replay.schedule)
    try:
        message = next(ask(job, 60.0), None)
    except Gone as gone:
        raise Refusal(str(gone)) from None
    if not isinstance(message, Recorded):
        raise Refusal("the run ended without a word")
    return message


def is_same(replay: Replay, recorded: Recorded) -> bool:
    """Whether the run went as it did when it was found: the same choices at the same lines, the same output."""
    lines = tuple(event.line for event in recorded.leaf.transcript if event.kind == "out")
    return recorded.decisions == replay.decisions and lines == replay.lines


def show(replay: Replay, submission: Submission, console: Console, *, full: bool) -> Grade:
    """Make the run again, and print it."""
    for doubt in doubts(replay, submission):
        console.print(f"Not certain to be the same: {doubt}.")
    recorded = again(replay, submission)
    case = select([replay.suite], [replay.case], replay.seed)[0]
    transcript: tuple[Event, ...] = recorded.leaf.transcript
    found = judge(case, transcript).findings
    if not is_same(replay, recorded):
        console.print("The schedule could not be followed to its end: the node no longer goes the same way.")
    for step in recorded.steps:
        if full or step.switch or step.op in ("in", "out", "eof"):
            who = f"{step.worker}" + (f" ({step.handler})" if step.handler else "")
            values = f" {step.value}" * bool(step.value) + f" → {step.written}" * bool(step.written)
            what = f"{step.op} {step.place}{values}  {step.switch}"
            console.print(f"  {who:<32} {step.file}:{step.line:<4} {what}")
    for finding in found:
        console.print(f"    {finding.code:<18}{finding.message}")
    result = Result(case, "failed" if found else "passed", found, transcript)
    return Grade(submission.name, (result,), case.points, 0.0, replay.seed)


def _digest(submission: Submission) -> str:
    return hashlib.sha256(Path(submission.command[-1]).read_bytes()).hexdigest()[:16]


def _python() -> str:
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, tuple | list | frozenset) else value


def _tuple(value: Any) -> Any:
    return tuple(_tuple(item) for item in value) if isinstance(value, list) else value
