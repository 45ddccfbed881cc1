"""What `grader race` prints: a line a case, and for what was found its explanation."""

import argparse
import shlex
import time
from pathlib import Path

from rich.console import Console
from rich.text import Text

from grader.cases.select import select
from grader.checks.judge import NO_ECHO, NO_PROXY
from grader.conversation.interrupts import Stop, interrupts_to
from grader.conversation.submission import Submission
from grader.explorer.client import Gone, Stopped
from grader.explorer.diagnosis.explanation import explain
from grader.explorer.diagnosis.outcome import findings, needs
from grader.explorer.replay import Refusal, again, doubts, is_same, load, save
from grader.explorer.runtime.launch import launch_of
from grader.explorer.search.engine import Searched
from grader.grading.exploration import race
from grader.grading.results import Grade, Result, Status
from grader.reports.race_text import WIDTH, as_lines
from grader.reports.summary import ended
from grader.reports.terminal import MARKS
from grader.reports.visible import visible
from grader.seat.found import seat_of

__all__ = ["Refusal", "run"]

NOT_KNOWN = {
    NO_ECHO: ": the workloads with an echo are left out (--suite FILE explores cases of your own)",
    NO_PROXY: ": the workloads with a proxy are left out",
}


def run(args: argparse.Namespace, submission: Submission, *, to_stderr: bool = False) -> Grade:
    """Explore, or replay, and print what came of it. On an interrupt the grade holds what is known.

    Raises CaseFileError, NoSuchCase or Refusal, each with a text that says what to do.
    """
    screen = Screen(Console(stderr=to_stderr, highlight=False, soft_wrap=True), full=args.full)
    with Stop() as stop, interrupts_to(stop.set):
        if args.replay and args.seat:
            raise Refusal("--seat shows what was explored just now: leave out --replay")
        if args.replay:
            return _replay(args.replay, submission, screen, stop)
        return _explore(args, submission, screen, stop)


def _explore(args: argparse.Namespace, submission: Submission, screen: "Screen", stop: Stop) -> Grade:
    cases = select(args.suite or ["interleaving"], args.case, args.seed)
    searched: list[Searched] = []
    grade = race(
        submission,
        cases,
        budget=args.budget,
        seed=args.seed,
        asked_for=args.case,
        on_result=screen.tell,
        on_searched=searched.append,
        stop=stop,
    )
    screen.sum(grade, len(cases))
    told = [one for case in cases for one in searched if one.case == case]
    first = next((one for one in told if one.found), None)
    if args.seat:
        _write_seat(args.seat, submission, first or next(iter(told), None), screen)
    if args.save:
        if first:
            save(args.save, submission, first, args.seed)
            command = _again(args)
            screen.say(f"{args.save}: the schedule that fails. To see it again: {command}")
        else:
            screen.say(f"{args.save}: not written, since nothing was found")
    return grade


def _write_seat(file: str, submission: Submission, one: Searched | None, screen: "Screen") -> None:
    """Write the page on which the learner is the scheduler of what was found, or of the first workload."""
    if one is None or one.explored.escaped:
        screen.say(f"{file}: not written, since nothing could be explored")
        return
    try:
        page, game = seat_of(launch_of(submission), one)
    except Gone as gone:
        screen.say(f"{file}: not written: {gone}")
        return
    try:
        Path(file).write_text(page, "utf-8", errors="backslashreplace")
    except OSError as error:
        raise Refusal(f"--seat {file}: can't be written: {error.strerror}") from None
    played = ", at the end of a schedule that fails; u goes back" if game else ""
    screen.say(f"{file}: you are the scheduler of {one.case.id}{played}. Open it in a browser.")


def _again(args: argparse.Namespace) -> str:
    """The command that shows the schedule again."""
    words = ["grader", "race"]
    words += ["--python", args.python] if args.python else []
    words += ["--replay", args.save]
    words += ["--", *args.command] if args.command else [args.node]
    return shlex.join(words)


def _replay(file: str, submission: Submission, screen: "Screen", stop: Stop) -> Grade:
    """Make the run again, and explain it."""
    began = time.monotonic()
    replay = load(file)
    if doubt := doubts(replay, submission):
        screen.say(doubt)
    try:
        done = again(replay, submission, stop)
    except Stopped:
        screen.say("Interrupted: the schedule was not run to its end.")
        return Grade(submission.name, (), 0.0, time.monotonic() - began, replay.seed, interrupted=True)
    case, found = done.case, done.found
    if is_same(replay, done.recorded):
        note = "the same schedule"
    elif found:
        note = "another schedule than the one that was found, and it fails, too"
    else:
        note = "another schedule than the one that was found, and it passes; without --replay all are explored"
    took = time.monotonic() - began
    status: Status = "failed" if found else "passed"
    explanation = explain(found) if found else None
    said = findings(found, explanation) if found and explanation else ()
    transcript = done.recorded.leaf.transcript
    result = Result(case, status, said, transcript, took, note, explanation=explanation)
    screen.tell(result)
    return Grade(submission.name, (result,), case.points, took, replay.seed)


class Screen:
    """What has been printed; what was explained once is not explained again, unless it is asked for in full."""

    def __init__(self, console: Console, *, full: bool) -> None:
        self.console, self.full = console, full
        self.unknown: set[str] = set()  # notes on what it does not know
        self.explained: dict[object, str] = {}  # failures, and the case below which each was

    def say(self, text: str) -> None:
        self.console.print(Text(visible(text)))

    def tell(self, result: Result) -> None:
        """One case, and below it what was found, explained. What a node does not know is said once for all."""
        console = self.console
        if result.note in NOT_KNOWN:
            if result.note not in self.unknown:
                self.unknown.add(result.note)
                text = f" {result.note}{NOT_KNOWN[result.note]}"
                console.print(Text.assemble("  ", MARKS[result.status], text))
            return
        mark, style = MARKS[result.status]
        title, note = visible(result.case.title), visible(result.note)
        console.print(Text.assemble("  ", (mark, style), f" {title}", (f"  {note}", "dim")))
        explanation = result.explanation
        if explanation is None:
            for finding in result.findings:
                text = visible(finding.message)
                console.print(Text.assemble("    ", (f"{finding.code:<18}", "bold red"), text))
            return
        before = self.explained.setdefault(explanation.place, result.case.id)
        is_new = self.full or before == result.case.id
        text = needs(explanation) if is_new else f"as in {before}, above"
        code = f"{explanation.diagnosis.code:<18}"
        console.print(Text.assemble("    ", (code, "bold red"), visible(text)))
        if is_new:
            width = max(60, min(console.width, WIDTH + 4) - 4)
            for line in as_lines(explanation, full=self.full, width=width):
                console.print(Text(f"    {visible(line)}"))

    def sum(self, grade: Grade, total: int) -> None:
        """The last lines."""
        count = {status: sum(result.status == status for result in grade.results) for status in MARKS}
        if count["failed"]:
            word, style = "found", "bold red"
        elif grade.interrupted:
            word, style = "interrupted", "bold red"
        elif count["passed"]:
            word, style = "nothing found", "bold green"
        else:
            word, style = "nothing could be explored", "yellow"
        sums = f"{len(grade.results)} workloads, {count['failed']} fail, {grade.duration_s:.1f} s"
        self.console.print()
        self.console.print(Text.assemble((word, style), f"  {visible(grade.submission)}: {sums}"))
        if grade.interrupted:
            text = f"Interrupted: {ended(grade.results)} of {total} workloads had ended."
            self.console.print(Text(text, "yellow"))
