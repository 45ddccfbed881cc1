"""Cases as a node numbers its messages: a run of the node tells, before any search."""

from grader.cases.model import Case
from grader.cases.numbering import lists_ids, without_ids
from grader.cases.select import INTERLEAVING
from grader.checks.judge import judge
from grader.explorer.runtime.interfaces import Program
from grader.explorer.runtime.worker import Places
from grader.explorer.search import execution_tree
from grader.explorer.search.forks import Over, Stuck


def as_numbered(program: Program, case: Case, stop: int | None) -> tuple[Case, str]:
    """A built-in workload without its listed ids, if the node's default run numbers messages otherwise; and
    why it can't be explored, if that run has shown it.

    In a case of the user's own the listed ids are part of the expectation.
    """
    if case.file != INTERLEAVING or not lists_ids(case):
        return case, ""
    try:
        leaf = execution_tree.follow(program, case, Places(), (), stop=stop).leaf
    except Stuck as stuck:
        return case, str(stuck)
    except Over:
        return case, ""
    findings = judge(case, leaf.transcript).findings
    if findings and findings[0].code in ("wrong-msg-id", "missing-msg-id"):
        return without_ids(case), ""
    return case, ""
