"""What it costs to be complete to one preemption: each right node and each workload, in CPU seconds.

    python tests/bench/bench_explorer.py [--runs N] [--limit SECONDS] [--cases ID,ID] [NODE…]

Without nodes: the three references and the right corpus but for those kept aside. For each pair the level
that was completed, the schedules of the last tree, and the median of the CPU seconds of all processes; last
the share of pairs that are complete to one preemption within 5 and within 15 of them. One process at a time.
"""

import argparse
import ctypes
import json
import os
import resource
import statistics
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
REFERENCES = ("with_asyncio", "with_threads", "with_queues")
SUBREAPER = 36  # Linux: who has lost its parent becomes ours
WITHIN = 5.0, 15.0  # CPU seconds


def explore(file: str, case_id: str, limit: float) -> None:
    """In a process of its own: two levels of one search, from one start of the node; prints what came of it."""
    from grader.explorer.runtime.launch import of_file
    from grader.explorer.server import prepare

    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    program = prepare(of_file(file))
    from grader.cases.select import select
    from grader.explorer.runtime import originals
    from grader.explorer.search import cpu_budget
    from grader.explorer.search.engine import Search
    from grader.explorer.search.starting import search_from_one_start
    from grader.explorer.search.state_table import Table

    (case,) = [case for case in select(["interleaving"]) if case.id == case_id]

    def tell(*answer: object) -> None:
        originals.write(1, (json.dumps(answer) + "\n").encode())  # `print` belongs to the nodes here

    def search() -> None:
        one, end = Search(program, case, Table(), 0), cpu_budget.spent() + limit
        for level in (0, 1):
            if one.explored.open_at is None:
                one.explore(level, end)
        explored = one.explored
        said = "found" if one.found else explored.escaped[0] if explored.escaped else ""
        tell(-1 if explored.complete_to is None else explored.complete_to, explored.schedules, said)

    never, _open = originals.pipe()
    began = _cpu()
    if not search_from_one_start(program, search, never):
        search()
    _wait_for_orphans()
    tell(_cpu() - began)


def _wait_for_orphans() -> None:
    """Their CPU seconds count only once they have been waited for."""
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def _cpu() -> float:
    """CPU seconds of this process and of those that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def measure(file: Path, case_id: str, limit: float) -> tuple[int, int, float, str]:
    answer = subprocess.run(
        [sys.executable, __file__, "--limit", str(limit), "--cases", case_id, "--here", str(file)],
        stdout=subprocess.PIPE, check=True, cwd=file.parent,
        env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": str(REPOSITORY)},
    )  # fmt: skip
    (level, schedules, said), (seconds,) = map(json.loads, answer.stdout.splitlines())
    return level, schedules, seconds, said


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("nodes", nargs="*", type=Path)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--limit", type=float, default=30.0, help="CPU seconds for each pair")
    parser.add_argument("--cases", default="")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        explore(str(options.nodes[0]), options.cases, options.limit)
        return
    sys.path.insert(0, str(REPOSITORY))
    from grader.cases.select import select
    from tests.explorer.races import nodes

    cases = [case.id for case in select(["interleaving"])]
    chosen = [case for case in cases if not options.cases or case in options.cases.split(",")]
    files = [REPOSITORY / "reference" / f"{name}.py" for name in REFERENCES]
    files += [node.path for node in nodes("right") if not node.is_kept]
    complete: list[float] = []
    pairs = 0
    for file in (node.resolve() for node in options.nodes or files):
        for case_id in chosen:
            runs = [measure(file, case_id, options.limit) for _ in range(options.runs)]
            level, schedules, _, said = runs[0]
            seconds = statistics.median(run[2] for run in runs)
            print(f"{file.stem:30} {case_id:15} {level:2} {schedules:6} {seconds:7.2f} {said}", flush=True)
            pairs += 1
            if level >= 1:
                complete.append(seconds)
    for limit in WITHIN:
        share = sum(seconds <= limit for seconds in complete) / pairs
        print(f"complete to one preemption within {limit:.0f} CPU seconds: {share:.0%} of {pairs} pairs")


if __name__ == "__main__":
    main()
