"""One call from a node to its grade: what `grader submit` and a notebook cell do."""

from collections.abc import Callable, Sequence

from grader.grading import Grade, Result, grade
from grader.selection import select
from grader.submission import from_command, from_file


def submit(
    node: str | Sequence[str],
    suites: Sequence[str] = (),
    cases: Sequence[str] = (),
    *,
    seed: int = 0,
    slow: float = 1.0,
    python: str | None = None,
    on_result: Callable[[Result], None] | None = None,
) -> Grade:
    """Grade a node: a file's name, or a command with its arguments as a list.

    `suites` are names or files (the default suites if there are none), `cases` the ids to run of them.
    `seed` renames what the cases say, `slow` multiplies every time limit, `python` is the interpreter for
    a `.py` file, `on_result` is told each result as it is known.

    Raises NotGradable, CaseFileError or NoSuchCase, each with a text that says what to do.
    """
    submission = from_file(node, python) if isinstance(node, str) else from_command(node)
    chosen = select(suites, cases, seed)
    return grade(submission, chosen, slow=slow, seed=seed, asked_for=suites, on_result=on_result)
