"""The table in the README of mutant × suite: `python -m tests.table` writes it, a test checks it."""

import json
import sys
from pathlib import Path

from tests.corpus_nodes import nodes
from tests.wall import RECORD

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- wall -->\n", "<!-- /wall -->"


def table() -> str:
    """A row a mutant: the code that leads, and the case of each suite that shows it first."""
    wall = json.loads(RECORD.read_text("utf-8"))
    suites = ["async-handler", "rpc"]
    rows = [f"| mutant | code | {' | '.join(suites)} |", "| --- " * (2 + len(suites)) + "|"]
    for node in sorted((n for n in nodes() if not n.is_right), key=lambda n: n.path.name):
        shown = wall.get(node.id, {})
        codes = sorted({entry["code"] for entry in shown.values()})
        cells = [shown[suite]["case"] if suite in shown else "" for suite in suites]
        rows.append(f"| {node.path.name}: {node.about} | {', '.join(codes)} | {' | '.join(cells)} |")
    return "\n".join(rows).replace("<", "&lt;") + "\n"


def with_table(text: str) -> str:
    """The README's text with the table as it should be."""
    before, _, rest = text.partition(BEGIN)
    summary = "<details><summary>All mutants</summary>"
    return f"{before}{BEGIN}{summary}\n\n{table()}\n</details>\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    README.write_text(with_table(README.read_text("utf-8")), "utf-8")
    sys.exit(0)
