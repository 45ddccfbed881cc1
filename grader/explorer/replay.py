"""Replays: a found schedule as a small JSON file, anchored to source lines and events; and made again."""

import hashlib
import json
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.cases.model import Case
from grader.cases.select import select
from grader.conversation.interrupts import Stop
from grader.conversation.submission import Submission
from grader.explorer.client import Gone, ask, unfit
from grader.explorer.diagnosis.patterns import diagnose
from grader.explorer.runtime.launch import NotPython, launch_of
from grader.explorer.search.engine import Searched
from grader.explorer.search.execution_tree import Recorded
from grader.explorer.search.reduce_case import as_found, requests
from grader.explorer.server import Job
from grader.explorer.trace.model import Decision, Found, Replayable, as_json

VERSION = 5
PATIENCE = 60.0  # seconds for two runs


class Refusal(Exception):
    """A replay that can't be used; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What the file holds. `decisions` are the anchors, `lines` what the node wrote."""

    node: str
    digests: Mapping[str, str]  # of the node's sources, by their names in its folder
    python: str
    suite: str
    case: str
    seed: int
    code: str
    schedule: Replayable
    decisions: tuple[Decision, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Again:
    """A replay's run, made again, and the case as far as it needs it. `found`: None if it passes now."""

    case: Case
    recorded: Recorded
    found: Found | None


def save(file: str, submission: Submission, searched: Searched, seed: int) -> None:
    """Write what was found. Raises Refusal if the file can't be written."""
    found, schedule = searched.found, searched.replay
    assert found is not None
    assert schedule is not None
    run = found.failing
    names = {run.node, *(name for name, _ in run.sources)}
    data = {
        "version": VERSION,
        "node": run.node,
        "digests": {name: digest for name in sorted(names) if (digest := _digest(submission, name))},
        "python": _python(),
        "suite": searched.case.file or searched.case.suite,
        "case": run.case,
        "seed": seed,
        "code": diagnose(found).code,
        "dropped": schedule.dropped,
        "by_order": schedule.by_order,
        "choices": schedule.choices,
        "passing": schedule.passing,
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
        version, choices = data["version"], data["choices"]  # a report has a version too
        if version != VERSION:
            raise Refusal(f"--replay {file}: written by another version of the grader; explore again")
        passing = data["passing"]
        schedule = Replayable(
            _numbers(choices),
            frozenset(_numbers(data["racy"], least=-1)),
            frozenset(_tuple(data["shared"])),
            None if passing is None else _numbers(passing),
            _numbers(data["dropped"]),
            _of(bool, data["by_order"]),
        )
        texts = [data[name] for name in ("node", "python", "suite", "case", "code")]
        node, python, suite, case, code = (_of(str, text) for text in texts)
        return Replay(
            node, dict(_of(dict, data["digests"])), python, suite, case, _of(int, data["seed"]), code, schedule,
            tuple(Decision(**{**item, "options": tuple(item["options"])}) for item in data["decisions"]),
            tuple(_of(str, line) for line in data["lines"]),
        )  # fmt: skip
    except OSError as error:
        raise Refusal(f"--replay {file}: can't be read: {error.strerror}") from None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise Refusal(f"--replay {file}: no replay; grader race NODE --save FILE writes one") from None


def doubts(replay: Replay, submission: Submission) -> str:
    """What can't be promised of this replay here, in a sentence; empty if it will go the same way."""
    reasons = []
    edited = [name for name, digest in replay.digests.items() if _digest(submission, name) != digest]
    if _script(submission) not in ("", replay.node):
        reasons.append(f"it was found in {replay.node}")
    elif edited:
        were = "was" if len(edited) == 1 else "were"
        reasons.append(f"{', '.join(edited)} {were} edited since it was found")
    if replay.python != _python():
        reasons.append(f"it was found on Python {replay.python}, and this is Python {_python()}")
    return f"Not certain to be the same schedule: {'; '.join(reasons)}." if reasons else ""


def again(replay: Replay, submission: Submission, stop: Stop | None = None) -> Again:
    """The run of this replay, made again.

    Raises Refusal if it can't be made, Stopped once `stop` is set, CaseFileError or NoSuchCase.
    """
    if reason := unfit(submission):
        raise Refusal(f"--replay: {submission.name} can't be run: {reason}")
    case = select([replay.suite], [replay.case], replay.seed)[0]
    if not set(replay.schedule.dropped) <= set(requests(case)):
        raise Refusal(f"--replay: the schedule can't be run again: {case.id} has other messages now")
    case = as_found(case, replay.schedule)
    job = Job(launch_of(submission), (case,), 0.0, replay.seed, replay.schedule)
    try:
        with closing(ask(job, PATIENCE, stop)) as messages:
            told = list(messages)
    except Gone as gone:
        raise Refusal(f"--replay: the schedule can't be run again: {gone}") from None
    run = next((message for message in told if isinstance(message, Recorded)), None)
    if run is None:
        raise Refusal("--replay: the schedule can't be run again: the run ended without a word")
    if run.leaf.escaped:
        raise Refusal(f"--replay: the schedule can't be run again: {run.leaf.escaped}")
    return Again(case, run, next((message for message in told if isinstance(message, Found)), None))


def is_same(replay: Replay, recorded: Recorded) -> bool:
    """Whether the run went as it did when it was found: the same choices at the same lines, the same output."""
    lines = tuple(event.line for event in recorded.leaf.transcript if event.kind == "out")
    return recorded.decisions == replay.decisions and lines == replay.lines


def _digest(submission: Submission, name: str) -> str:
    """Of one of the node's sources; empty if there is none of this name."""
    try:
        data = (_folder(submission) / name).read_bytes()
    except (OSError, ValueError, NotPython):
        return ""
    return hashlib.sha256(data).hexdigest()[:16]


def _folder(submission: Submission) -> Path:
    """By which its sources are named."""
    launch = launch_of(submission)
    return Path(launch.script).parent if launch.script else Path(launch.folder)


def _script(submission: Submission) -> str:
    """The name of its file; empty if it is a module, or no Python."""
    try:
        return Path(launch_of(submission).script).name
    except NotPython:
        return ""


def _python() -> str:
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


def _of(kind: type, value: Any) -> Any:
    """The value, if it is of this kind. Raises TypeError."""
    if not isinstance(value, kind):
        raise TypeError
    return value


def _numbers(value: Any, least: int = 0) -> tuple[int, ...]:
    if any(_of(int, item) < least for item in _of(list, value)):
        raise ValueError
    return tuple(value)


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, tuple | list | frozenset) else value


def _tuple(value: Any) -> Any:
    return tuple(_tuple(item) for item in value) if isinstance(value, list) else value
