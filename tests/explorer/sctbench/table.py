"""The README's table of SCTBench: `python -m tests.explorer.sctbench.table` writes it, a test checks it."""

import json
from pathlib import Path

from tests.explorer.sctbench.measure import LEAST, MEASURED, Measured

README = Path(__file__).parents[3] / "README.md"
BEGIN, END = "<!-- sctbench -->", "<!-- /sctbench -->"

# Mean schedules to the bug that others publish: RFF, POS, PCT (depth 3).
PUBLISHED = {
    "reorder_5": ("6", "4377", "1126"),
    "reorder_10": ("6", "never", "2356"),
    "twostage_20": ("22", "185", "188"),
    "bluetooth_driver": ("45", "72", "161"),
}


def measured() -> dict[str, Measured]:
    return {name: Measured(**item) for name, item in json.loads(MEASURED.read_text("utf-8")).items()}


def table() -> str:
    rows = [
        "| program | least preemptions | found with | complete below | schedules | CPU s | RFF / POS / PCT |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    known = measured()
    for name, (_, least) in LEAST.items():
        one = known.get(name)
        if one is None:
            others = " / ".join(PUBLISHED[name]) if name in PUBLISHED else ""
            rows.append(f"| {name} | {least} | not measured | | | | {others} |")
            continue
        found = "not found" if one.preemptions is None else str(one.preemptions)
        below = (
            "" if not least else "yes" if one.complete_to == least - 1 and one.preemptions == least else "no"
        )
        others = " / ".join(PUBLISHED[name]) if name in PUBLISHED else ""
        rows.append(
            f"| {name} | {least} | {found} | {below} | {one.schedules} | {one.seconds:.1f} | {others} |"
        )
    return "\n".join(rows)


def with_table(text: str) -> str:
    """The README's text with the table as it should be."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n<details><summary>SCTBench</summary>\n\n{table()}\n\n</details>\n{END}{after}"


if __name__ == "__main__":
    README.write_text(with_table(README.read_text("utf-8")), "utf-8")
