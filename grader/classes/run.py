"""A class from beginning to end: what was handed in, what is graded already, the rest, and the summary."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version

from grader.classes.executor import Executor, JobMaker
from grader.classes.job import ClassJob, JobResult, Options
from grader.classes.ledger import GradeRow, Ledger
from grader.classes.submissions import HandedIn, files_of


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
    jobs: dict[str, JobMaker] = {}
    by_id = {one.student.id: one for one in handed_in}
    prints: dict[str, str] = {}

    def keep(one: HandedIn, graded: JobResult) -> None:
        row = ledger.take(one, graded, prints.get(one.student.id, ""))
        ledger.write_table(order)
        tell(ClassNews(row))

    def made(one: HandedIn) -> ClassJob | JobResult:
        """Read when its turn has come; what is graded then is what the ledger says was graded."""
        job = _job(one, options)
        if isinstance(job, ClassJob):
            prints[one.student.id] = job.fingerprint(version("concurrent-message-kit"))
        return job

    for one in handed_in:
        job = made(one)
        if isinstance(job, JobResult):
            keep(one, job)
        elif ledger.known(one, prints[one.student.id]):
            ledger.write_table(order)
            tell(ClassNews(ledger.rows[one.student.id], is_old=True))
        else:
            jobs[one.student.id] = partial(made, one)
    for id_, graded in executor.each(jobs):
        keep(by_id[id_], graded)


def _job(one: HandedIn, options: Options) -> ClassJob | JobResult:
    """What it takes to grade it; or why it can't be graded."""
    if one.refusal:
        return JobResult("not-gradable", why=one.refusal)
    try:
        files = files_of(one)
    except (OSError, ValueError) as error:
        return JobResult("not-gradable", why=f"can't be read: {error}")
    can_run = frozenset(
        name for name in files if ((one.path / name) if one.path.is_dir() else one.path).stat().st_mode & 0o100
    )
    name = one.path.name if one.path.is_file() else f"{one.path.name}/{one.entry}"
    return ClassJob(name, one.entry, tuple(files.items()), options, can_run)
