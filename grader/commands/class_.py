"""`grader class`: grade every submission in a folder."""

import argparse
import json
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from grader.commands.gradebook import fill_in, opened
from grader.commands.outcome import INTERRUPTED, NOT_GRADED, OK, UsageError, complain, one_line
from grader.commands.sandbox_options import limits_of
from grader.reports.visible import visible

if TYPE_CHECKING:
    from grader.classes.executor import Executor
    from grader.classes.job import Options
    from grader.classes.ledger import Ledger
    from grader.classes.submissions import HandedIn

UNSAFE = "--sandbox {}: submissions are not kept from your files: grade only those that you trust"


def run(args: argparse.Namespace) -> int:
    """Grade the class; what is graded already, and has not changed, stands."""
    from grader.classes.executor import ClusterLost
    from grader.classes.ledger import Ledger
    from grader.classes.progress import Progress
    from grader.classes.roster import BadRoster, read
    from grader.classes.run import grade_class
    from grader.classes.submissions import find
    from grader.conversation.interrupts import interrupts_to

    if args.gradescope_zip:
        return _autograder(args)
    if args.folder is None:
        raise UsageError("name the folder that holds the submissions: grader class DIR")
    folder = Path(args.folder)
    if not folder.is_dir():
        raise UsageError(f"{args.folder}: no such folder; name the one that holds the submissions")
    out = Path(args.out) if args.out else folder.with_name(f"{folder.resolve().name}-grades")
    options = _options(args)
    try:
        students = read(Path(args.roster)) if args.roster else {}
    except BadRoster as error:
        raise UsageError(str(error)) from None
    skip = [out, *([Path(args.roster)] if args.roster else [])]
    handed_in = find(folder, students, args.entry, skip)
    if not handed_in:
        raise UsageError(f"{args.folder}: there is no submission in it")
    _see_that_ids_differ(handed_in)
    book = opened(args)
    try:
        ledger = Ledger(out)
    except OSError as error:
        raise UsageError(f"--out {out}: can't be written: {error.strerror}") from None
    _see_what_is_held(args)
    executor = _executor(args)
    _tell_what_was_taken(handed_in)
    stopped = []
    began = time.monotonic()
    with Progress(len(handed_in), executor.places) as progress:

        def stop() -> None:
            stopped.append(True)
            executor.stop()

        with interrupts_to(stop):
            try:
                grade_class(handed_in, options, ledger, executor, progress.tell)
            except OSError as error:
                raise UsageError(f"{out}: can't be written: {error.strerror}") from None
            except ClusterLost as error:
                raise UsageError(f"--dask {args.dask}: {error}; the same command goes on") from None
            finally:
                executor.close()
    left = len(handed_in) - len(ledger.rows)
    _summarize(folder, handed_in, ledger, left, alike=args.alike)
    if book is not None:
        fill_in(args, book, list(ledger.rows.values()), [one.student for one in handed_in])
    rows = list(ledger.rows.values())
    passed = sum(row.passed for row in rows)
    took = time.monotonic() - began
    summary = visible(f"{out}/summary.html")
    print(f"{len(rows)} of {len(handed_in)} submissions, {passed} passed, {took:.0f} s: {summary}")
    if stopped:
        print(f"Interrupted. The same command goes on: {left} are left.")
        return INTERRUPTED
    return OK if all(row.status != "broken" for row in rows) else NOT_GRADED


def _tell_what_was_taken(handed_in: "list[HandedIn]") -> None:
    """Which file is the node, where nobody said so; and what may be the work of somebody who is missing."""
    from grader.classes.submissions import NOTHING

    for name, entry in {one.path.name: one.entry for one in handed_in if one.chosen}.items():
        complain(f"{name}: {entry} is taken for the node (--entry names another)")
    for one in handed_in:
        if one.is_missing and one.refusal != NOTHING:
            complain(f"{one.student.id}: {one.refusal}")


def _see_what_is_held(args: argparse.Namespace) -> None:
    """Strangers' code runs only under what was asked for."""
    from grader.sandbox.begin import lacks, refusal
    from grader.sandbox.policy import Policy

    if not args.dask and (lacking := lacks(Policy(args.sandbox))):  # a cluster's workers look for themselves
        raise UsageError(refusal(args.sandbox, lacking))
    if args.sandbox != "full":
        complain(UNSAFE.format(args.sandbox))


def _autograder(args: argparse.Namespace) -> int:
    from grader.classes.autograder import build

    options = _options(args)
    packed = build(options, args.entry)
    try:
        Path(args.gradescope_zip).write_bytes(packed)
    except OSError as error:
        raise UsageError(
            f"--gradescope-zip {args.gradescope_zip}: can't be written: {error.strerror}"
        ) from None
    print(f"{visible(args.gradescope_zip)}: upload it as the assignment's autograder")
    return OK


def _options(args: argparse.Namespace) -> "Options":
    from grader.cases.parser import CaseFileError, built_in_names
    from grader.cases.select import INTERLEAVING, NoSuchCase, select, suites_of
    from grader.classes.job import Options

    if args.lesson:
        _take_lesson(args)
    # A lesson names no interleaving: who can't be explored has the other suites.
    asked_for = [name for name in (*args.suite, *args.also) if not (args.lesson and name == INTERLEAVING)]
    try:
        suites = suites_of(args.suite, args.also)
        select(suites, args.case, args.seed, args.but)
    except CaseFileError as error:
        raise UsageError(one_line(error)) from None
    except NoSuchCase as error:
        raise UsageError(str(error)) from None
    built_in = set(built_in_names())
    own = [Path(name) for name in dict.fromkeys(suites) if name not in built_in]
    if len({path.name for path in own}) < len(own):
        raise UsageError("two suites have files of the same name; rename one")
    return Options(
        tuple(name for name in suites if name in built_in),
        tuple((path.name, path.read_text("utf-8-sig")) for path in own),
        tuple(Path(name).name for name in asked_for),
        tuple(args.case),
        tuple(args.but),
        args.seed,
        args.slow,
        args.budget,
        args.limit,
        args.sandbox,
        limits_of(args),
    )


def _take_lesson(args: argparse.Namespace) -> None:
    """`--lesson`: what its node should pass, in the words of the other options."""
    from grader.classes.of_lesson import NoNodeOfLesson, of_lesson

    if args.suite or args.case or args.but:
        raise UsageError("--lesson says which suites and cases; leave out --suite, --case and --but")
    try:
        chosen = of_lesson(args.lesson)
    except NoNodeOfLesson as error:
        raise UsageError(f"--lesson {args.lesson}: {error}") from None
    args.suite, args.case, args.but = list(chosen.suites), list(chosen.cases), list(chosen.but)
    args.entry = args.entry or [chosen.file]


def _see_that_ids_differ(handed_in: "list[HandedIn]") -> None:
    seen: dict[str, str] = {}
    for one in handed_in:
        if (other := seen.setdefault(one.student.id, one.path.name)) != one.path.name:
            raise UsageError(
                f"{other} and {one.path.name} would both be {one.student.id}: a --roster gives them ids"
            )


def _executor(args: argparse.Namespace) -> "Executor":
    from grader.classes.executor import LocalProcesses

    if not args.dask:
        return LocalProcesses(args.jobs)
    try:
        from grader.classes.dask_cluster import DaskCluster

        return DaskCluster(args.dask)
    except ImportError:
        raise UsageError(
            "--dask needs the package distributed: pip install 'concurrent-message-kit[class]'"
        ) from None
    except (OSError, ValueError) as error:
        raise UsageError(f"--dask {args.dask}: {error}") from None


def _summarize(folder: Path, handed_in: "list[HandedIn]", ledger: "Ledger", left: int, *, alike: bool) -> None:
    from grader.classes.contents import CantRead, contents_of
    from grader.classes.summary import in_brief, near_equal, render

    rows = [ledger.rows[one.student.id] for one in handed_in if one.student.id in ledger.rows]
    reports = {
        row.id: in_brief(json.loads(ledger.report_of(row.id).read_text("utf-8")))
        for row in rows
        if row.max_points and ledger.report_of(row.id).is_file()
    }
    texts = {}
    if alike:
        for one in {one.path: one for one in reversed(handed_in) if not one.refusal}.values():
            with suppress(CantRead):
                texts[one.student.id] = contents_of(one.path).files[one.entry].decode("utf-8", "replace")
    ledger.write("summary.html", render(folder.resolve().name, rows, reports, near_equal(texts), left))
