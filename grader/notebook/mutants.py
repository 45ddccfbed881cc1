"""A learner's own case against nodes with one known bug each: does it tell them from the right one?"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from grader.notebook.paper import Judged


def told_apart(suite: str, nodes: Mapping[str, Sequence[str]], right: str) -> Judged:
    """Whether the cases of this file pass with the node called `right` and fail with each of the others.

    `nodes` are commands by name. What each of them did is said in a line.
    """
    from grader.casefile import CaseFileError, load
    from grader.grading import submit
    from grader.submission import NotGradable

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
