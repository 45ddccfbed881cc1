"""How long a beginner waits: for each slip, the seconds to the lead on the screen and to the whole verdict.

`python tests/bench/bench_slips.py [NAME …]` grades each slip with the default suites, as `grader submit` does,
and says whether what leads is what must lead.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.slips.table import SLIPS, Slip


def bench(slip: Slip, folder: Path) -> None:
    node, report = folder / "node.py", folder / "report.json"
    node.write_text(slip.source, "utf-8")
    command = [sys.executable, "-m", "grader", "submit", "node.py", "--json", str(report)]
    began = time.monotonic()
    env = {**os.environ, "COLUMNS": "110", "PYTHONUNBUFFERED": "1"}
    screen: list[tuple[float, str]] = []
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True, env=env) as process:
        assert process.stdout
        screen.extend((time.monotonic() - began, line) for line in process.stdout)
    took = time.monotonic() - began
    graded = json.loads(report.read_text("utf-8"))
    if not graded["lead"]:
        print(f"{slip.id:42} {'':7} {took:6.1f} s  {'passed' if not slip.code else 'PASSED'}", flush=True)
        return
    case = next(case for case in graded["cases"] if case["case"] == graded["lead"]["case"])
    finding = case["findings"][graded["lead"]["finding"]]
    cause = finding["cause"] or {"kind": "", "text": ""}
    words = " ".join(
        (cause["text"], finding["message"], finding["hint"], finding["expected"], finding["actual"])
    )
    missing = [word for word in slip.expected() if word not in words]
    first = (cause["text"] or finding["message"])[:30]
    shown = next((at for at, line in screen if first in line), took)
    helped = not missing and cause["kind"] == slip.cause
    said = f"{finding['code']}/{cause['kind']}"
    print(
        f"{slip.id:42} {shown:5.1f} s {took:6.1f} s  {'ok' if helped else 'NOT'}  {said} {missing or ''}",
        flush=True,
    )


def main() -> None:
    wanted = sys.argv[1:]
    for slip in SLIPS:
        if not wanted or any(word in slip.id for word in wanted):
            with tempfile.TemporaryDirectory() as folder:
                bench(slip, Path(folder))


if __name__ == "__main__":
    main()
