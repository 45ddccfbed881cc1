"""A learner's own case against nodes with one known bug each: does it tell them from the right one?"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from grader.notebook.exercises.lesson_files import LESSONS
from grader.notebook.exercises.lesson_files import load as load_lesson_file
from grader.notebook.exercises.paper import Judged


def told_apart(ex: str, suite: str, nodes: Mapping[str, Sequence[str]]) -> Judged:
    """Whether the cases of this file pass with the right node and fail with each of the others.

    `nodes` are commands by name; which of them is right is known for each exercise, and not shown in the
    notebook. What each node did is said in a line.
    """
    right = load_lesson_file(f"{LESSONS}/puzzles.toml")[ex]["right"]
    return judged_apart(suite, nodes, right)


def judged_apart(suite: str, nodes: Mapping[str, Sequence[str]], right: str) -> Judged:
    """The same, for a node that is known to be right."""
    from grader.cases.parser import CaseFileError, load
    from grader.conversation.submission import NotGradable
    from grader.grading.runner import submit

    def outcome(command: Sequence[str]) -> str:
        grade = submit(command, [suite])
        codes = [result.findings[0].code for result in grade.results if result.findings]
        return ", ".join(codes) or "passed"

    try:
        load(suite)
        with ThreadPoolExecutor() as pool:
            outcomes = dict(zip(nodes, pool.map(outcome, nodes.values()), strict=True))
    except (CaseFileError, NotGradable) as refusal:
        return Judged(False, str(refusal))
    ok = all((came == "passed") == (name == right) for name, came in outcomes.items())
    return Judged(ok, "\n".join(f"{name}: {came}" for name, came in outcomes.items()))
