"""What `grader race` prints: a line a case, and for what was found its explanation."""

import argparse
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from grader.explorer.explanation import WIDTH, as_lines, explain
from grader.explorer.race import race
from grader.explorer.record import Found
from grader.explorer.replay import Refusal, load, save, show
from grader.explorer.search import Result as Searched
from grader.grading import Grade, Result
from grader.interrupts import Stop, interrupts_to
from grader.selection import select
from grader.submission import from_file

__all__ = ["Refusal", "run"]

MARKS = {"passed": ("✓", "green"), "failed": ("✗", "bold red"), "not-attempted": ("–", "yellow")}


def run(args: argparse.Namespace, *, to_stderr: bool = False) -> Grade:
    """Explore, or replay, and print what came of it.

    Raises NotGradable, CaseFileError, NoSuchCase or Refusal, each with a text that says what to do.
    """
    submission = from_file(args.node)
    console = Console(stderr=to_stderr, highlight=False, soft_wrap=True)
    if args.replay:
        return show(load(args.replay), submission, console, full=args.full)
    cases = select(args.suite or ["interleaving"], args.case, args.seed)
    found: list[Searched] = []

    def note(searched: Searched) -> None:
        if searched.found:
            found.append(searched)

    with Stop() as stop, interrupts_to(stop.set):
        grade = race(
            submission,
            cases,
            budget=args.budget,
            seed=args.seed,
            on_result=lambda result: tell(console, result, args.full, _of(result, found)),
            on_searched=note,
            stop=stop,
        )
    console.print()
    console.print(_sum(grade))
    if grade.interrupted:
        console.print(Text(f"Interrupted: {len(grade.results)} of {len(cases)} workloads had ended.", "yellow"))
    if args.save:
        if found:
            save(args.save, submission, found[0], args.seed)
            again = f"grader race {args.node} --replay {args.save}"
            console.print(f"{args.save}: the schedule that fails. To see it again: {again}")
        else:
            console.print(f"{args.save}: not written, since nothing was found")
    return grade


def tell(console: Console, result: Result, full: bool, found: Found | None = None) -> None:
    """One case, and below it what was found, explained."""
    mark, style = MARKS[result.status]
    console.print(Text.assemble("  ", (mark, style), f" {result.case.title}", (f"  {result.note}", "dim")))
    if found is None:
        for finding in result.findings:
            console.print(Text.assemble("    ", (f"{finding.code:<18}", "bold red"), finding.message))
        return
    console.print(Text.assemble("    ", (f"{found.code:<18}", "bold red"), _needs(found)))
    for line in as_lines(explain(found), full=full, width=max(60, min(console.width, WIDTH + 4) - 4)):
        console.print(Text(f"    {line}"))


def _of(result: Result, found: Sequence[Searched]) -> Found | None:
    """What was found in the case that this is the result of."""
    return next((searched.found for searched in found if searched.case.id == result.case.id), None)


def _needs(found: Found) -> str:
    text = f"{found.preemptions} preemption{'s' * (found.preemptions != 1)}"
    if found.today:
        return text
    return (
        f"{text}, where this Python never switches; nothing promises that, and free-threaded builds do switch"
    )


def _sum(grade: Grade) -> Text:
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
    return Text.assemble((word, style), f"  {grade.submission}: {sums}")
