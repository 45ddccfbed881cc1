"""Many programs, to be tried before a release: `python -m tests.explorer.oracle --programs 10000`.

    --seed N        other programs
    --subject NAME  programs about this only
    --out DIR       where nodes are written of which the two explorers say different things

Each difference is made as small as it gets, and printed. The status is 1 if there is one.
"""

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.explorer.oracle.grammar import SUBJECTS, programs
from tests.explorer.oracle.law import Compared, compare, smallest
from tests.explorer.oracle.program import Program
from tests.explorer.oracle.real import Explorer


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.explorer.oracle")
    parser.add_argument("--programs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--subject", choices=(*sorted(SUBJECTS), "tasks"))
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    began = time.monotonic()
    with Explorer() as explorer:

        @seed(options.seed)
        @settings(
            max_examples=options.programs, database=None, deadline=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(programs(options.subject))
        def each(program: Program) -> None:
            compared = compare(explorer, program)
            counts[compared.kind] += 1
            if compared.missed:
                _tell(smallest(explorer, compared), options.out, counts.total())
            elif compared.kind == "open or inconclusive":
                print(compared, flush=True)

        each()
    print(f"{counts.total()} programs in {time.monotonic() - began:.0f} s: {dict(counts)}")
    return 1 if counts["falsely complete"] else 0


def _tell(compared: Compared, folder: Path | None, number: int) -> None:
    print(compared, flush=True)
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"oracle_{number}.py").write_text(compared.program.node, "utf-8")


if __name__ == "__main__":
    sys.exit(main())
