"""Grade a node by its name: what `grader submit` does, for programs."""

from collections.abc import Callable, Sequence

from grader.cases.select import select
from grader.conversation.submission import from_command, from_file
from grader.grading.lodging import lodged
from grader.grading.results import Grade, Result
from grader.grading.runner import BUDGET_S, grade
from grader.sandbox.policy import Limits, Strength


def submit(
    node: str | Sequence[str],
    suites: Sequence[str] = (),
    cases: Sequence[str] = (),
    *,
    seed: int = 0,
    slow: float = 1.0,
    python: str | None = None,
    budget: float = BUDGET_S,
    jobs: int | None = None,
    fail_fast: bool = False,
    on_result: Callable[[Result], None] | None = None,
    sandbox: Strength = "limits",
    limits: Limits | None = None,
) -> Grade:
    """Grade a node: a file's name, or a command with its arguments as a list.

    `suites` are names or files (the default suites if there are none), `cases` the ids to run of them.
    `seed` renames what the cases say, `slow` multiplies every time limit, `python` is the interpreter for
    a `.py` file, `budget` the CPU seconds for the suite `interleaving`, `jobs` how many cases run at once,
    `fail_fast` ends with the first that fails, `on_result` is told each result as it is known; `sandbox` says
    how far the node is trusted, `limits` how much it may use.

    Raises NotGradable, CaseFileError or NoSuchCase, each with a text that says what to do.
    """
    submission = from_file(node, python) if isinstance(node, str) else from_command(node)
    chosen = select(suites, cases, seed)
    with lodged(submission, sandbox, limits, suites) as lodger:
        return grade(
            lodger,
            chosen,
            slow=slow,
            seed=seed,
            asked_for=suites,
            jobs=jobs,
            budget=budget,
            fail_fast=fail_fast,
            on_result=on_result,
        )
