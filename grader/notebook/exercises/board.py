"""The board: which nodes survive which suites, and whom a suite accuses although it is right."""

from collections.abc import Sequence
from pathlib import Path

from grader.notebook.cell_output import CellOutput, paragraphs
from grader.notebook.exercises.mutants import accusations
from grader.notebook.exercises.outcomes import NotPlayed, Played, in_cases, in_schedules
from grader.reports.html_templates import fill

TABLE = Path(__file__).parents[1] / "comparison" / "table.html.jinja"
BUILT_IN = "–"  # what comes with the grader accuses nobody: its own tests see to that


def board(nodes: Sequence[str], suites: Sequence[str], workloads: Sequence[str] = ()) -> CellOutput:
    """Each node in each suite, and in all schedules of each workload: the code that caught it, or `survives`.

    A suite is a name or a file, or some cases of one: `rpc:two-peers,proxy`. Below stands how many each has
    caught, and which of the reference's three nodes it accuses.
    """
    try:
        columns = [*(_column(nodes, suite, False) for suite in suites)]
        columns += [_column(nodes, workload, True) for workload in workloads]
    except NotPlayed as refusal:
        return CellOutput(str(refusal), paragraphs([str(refusal)]))
    names = ["", *nodes, "caught", "accuses"]
    table = [list(row) for row in zip(names, *columns, strict=True)]
    return CellOutput(_text(table), fill(TABLE, table=table))


def _column(nodes: Sequence[str], suite: str, schedules: bool) -> list[str]:
    name = suite.partition(":")[0]
    play = in_schedules if schedules else in_cases
    came: list[Played] = [play(node, suite) for node in nodes]
    caught = sum(bool(outcome.code) for outcome in came)
    accused = BUILT_IN
    if Path(name).is_file():
        right = accusations(suite, schedules)
        accused = ", ".join(one for one, outcome in right.items() if outcome.code) or "nobody"
    head = f"{name}, all schedules" if schedules else name
    return [head, *(str(outcome) for outcome in came), f"{caught} of {len(nodes)}", accused]


def _text(table: Sequence[Sequence[str]]) -> str:
    from grader.reports.text_table import in_columns

    return "\n".join(in_columns(table))
