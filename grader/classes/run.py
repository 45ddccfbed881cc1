"""A class from beginning to end: what was handed in, what is graded already, the rest, and the summary."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

from grader.classes.contents import CantRead, contents_of, is_zip
from grader.classes.executor import Executor, JobMaker
from grader.classes.job import ClassJob, JobResult, Options
from grader.classes.ledger import GradeRow, Ledger
from grader.classes.submissions import HandedIn


@dataclass(frozen=True, slots=True)
class ClassNews:
    """A result. `is_old`: it was graded before, and has not changed."""

    row: GradeRow
    is_old: bool = False


def grade_class(
    handed_in: Sequence[HandedIn],
    options: Options,
    ledger: Ledger,
    executor: Executor,
    tell: Callable[[ClassNews], None],
) -> None:
    """Grade all submissions; each result is on disk before it is told. `executor.stop()` ends it at any moment.

    What has not changed since it was graded (contents, suites, options, version) is not graded again.
    """
    order = [one.student.id for one in handed_in]
    together: dict[Path, list[HandedIn]] = {}  # who handed in the same, which is graded once
    for one in handed_in:
        together.setdefault(one.path, []).append(one)
    jobs: dict[str, JobMaker] = {}
    prints: dict[str, str] = {}

    def keep(path: Path, graded: JobResult) -> None:
        rows = [ledger.take(one, graded, prints.get(str(path), "")) for one in together[path]]
        ledger.write_table(order)
        for row in rows:
            tell(ClassNews(row))

    def made(path: Path) -> ClassJob | JobResult:
        """Read when its turn has come; what is graded then is what the ledger says was graded."""
        job = _job(together[path][0], options)
        if isinstance(job, ClassJob):
            prints[str(path)] = job.fingerprint(version("concurrent-message-kit"))
        return job

    for path, students in together.items():
        job = made(path)
        if isinstance(job, JobResult):
            keep(path, job)
        elif all(ledger.known(one, prints[str(path)]) for one in students):
            ledger.write_table(order)
            for one in students:
                tell(ClassNews(ledger.rows[one.student.id], is_old=True))
        else:
            jobs[str(path)] = partial(made, path)
    for name, graded in executor.each(jobs):
        keep(Path(name), graded)


def _job(one: HandedIn, options: Options) -> ClassJob | JobResult:
    """What it takes to grade it; or why it can't be graded."""
    if one.refusal:
        return JobResult("not-handed-in" if one.is_missing else "not-gradable", why=one.refusal)
    try:
        contents = contents_of(one.path)
    except CantRead as error:
        return JobResult("not-gradable", why=str(error))
    is_alone = one.path.is_file() and not is_zip(one.path)
    name = one.path.name if is_alone else f"{one.path.name}/{one.entry}"
    return ClassJob(name, one.entry, tuple(contents.files.items()), options, contents.can_run)
