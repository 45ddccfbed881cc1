"""The mutant wall: every node of the corpus through its suites, against what its header expects.

    python -m tests.wall                     all of it, once
    python -m tests.wall --runs 50 --load    50 times, while four busy loops take the cores (--load 2: two)
    python -m tests.wall wrong/ --short      mutants only through the case that shows them, by corpus/wall.json
    python -m tests.wall --record            and write down what showed each mutant (corpus/wall.json)
    python -m tests.wall right/ torn         only nodes whose name has one of these in it
    python -m tests.wall right/ --sandbox full    as class does it

A right node must pass, a mutant must fail with its code leading in at least one case. Two nodes at a time.
Over several runs, a verdict that differs from the first run's is told too.
"""

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from queue import Empty, SimpleQueue

from grader.cases.select import select
from grader.grading.lodging import lodged
from grader.grading.runner import grade
from grader.sandbox.policy import STRENGTHS, Strength
from tests.corpus_nodes import CORPUS, Node, nodes, submission

RECORD = CORPUS / "wall.json"
Verdicts = dict[str, str]  # case -> leading code, the quickest first
Said = dict[str, str]  # case -> what the leading finding says and shows


def verdicts(
    node: Node, suite: str, build: Path, cases: Sequence[str] = (), strength: Strength = "limits"
) -> tuple[str, Verdicts, Said]:
    """What the suite says of a node: passed, failed or not-attempted; and of which case what."""
    start = submission(node, build)
    if start is None:
        return "skipped", {}, {}
    with lodged(start, strength) as lodger:
        outcome = grade(lodger, select([suite], cases), jobs=1)
    found = {
        result.case.id: result.findings[0]
        for result in sorted(outcome.results, key=lambda result: result.duration_s)
        if result.findings
    }
    leading = {case: finding.code for case, finding in found.items()}
    said = {case: f"{finding.message} {finding.actual}" for case, finding in found.items()}
    if any(result.status == "not-attempted" for result in outcome.results):
        return "not-attempted", leading, said
    return "passed" if outcome.passed else "failed", leading, said


def is_as_expected(expected: str, status: str, leading: Verdicts) -> bool:
    return status in (expected, "skipped") or (status == "failed" and expected in leading.values())


class Wall:
    """One or several runs over the corpus, two nodes at a time."""

    def __init__(
        self,
        chosen: list[Node],
        build: Path,
        shown: dict[str, dict[str, dict[str, str]]],
        strength: Strength = "limits",
    ) -> None:
        self.chosen, self.build, self.strength = chosen, build, strength
        self.shown = shown  # for a node and a suite the case that is enough
        self.first: dict[tuple[str, str], tuple[str, Verdicts]] = {}
        self.faults: list[str] = []
        self.differences: Counter[str] = Counter()

    def run(self, number: int) -> None:
        todo: SimpleQueue[tuple[Node, str]] = SimpleQueue()
        for node in self.chosen:
            for suite in node.expected:
                todo.put((node, suite))
        threads = [threading.Thread(target=self.work, args=(todo, number)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def work(self, todo: SimpleQueue[tuple[Node, str]], number: int) -> None:
        while True:
            try:
                node, suite = todo.get_nowait()
            except Empty:
                return
            case = self.shown.get(node.id, {}).get(suite)
            cases = [case["case"]] if case else []
            status, leading, said = verdicts(node, suite, self.build, cases, self.strength)
            key = node.id, suite
            if not is_as_expected(node.expected[suite], status, leading):
                got = f"expected {node.expected[suite]}, got {status} {leading}: {said}"
                text = f"run {number}: {node.id} in {suite}: {got}"
                self.faults.append(text)
                print(text, flush=True)
            if self.first.setdefault(key, (status, leading)) != (status, leading):
                self.differences[f"{node.id} in {suite}"] += 1
                print(
                    f"run {number}: {node.id} in {suite} differs: {self.first[key]} {status} {leading}",
                    flush=True,
                )


def witnesses(wall: Wall) -> dict[str, dict[str, dict[str, str]]]:
    """For each mutant and suite a case that shows its code."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for node in wall.chosen:
        for suite, code in node.expected.items():
            leading = wall.first[node.id, suite][1]
            # Order is lost by luck in a short exchange, and for certain in the case that is made for it.
            case = next((case for case in ("in-order", *leading) if leading.get(case) == code), None)
            if case is not None:
                found.setdefault(node.id, {})[suite] = {"code": code, "case": case}
    return found


def _spin() -> None:
    while True:
        pass


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pattern", nargs="*")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--load", type=int, nargs="?", const=4, default=0, help="so many busy loops beside it")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--sandbox", choices=STRENGTHS, default="limits")
    args = parser.parse_args()
    chosen = [n for n in nodes() if not args.pattern or any(text in n.id for text in args.pattern)]
    loops = [multiprocessing.Process(target=_spin, daemon=True) for _ in range(args.load)]
    for loop in loops:
        loop.start()
    with tempfile.TemporaryDirectory() as build:
        shown = json.loads(RECORD.read_text("utf-8")) if args.short else {}
        wall = Wall(chosen, Path(build), shown, args.sandbox)
        for number in range(1, args.runs + 1):
            wall.run(number)
            print(
                f"run {number}: {len(wall.faults)} faults so far, {sum(wall.differences.values())} differences",
                flush=True,
            )
    for loop in loops:
        loop.terminate()
    if args.record:
        known = json.loads(RECORD.read_text("utf-8")) if RECORD.exists() and args.pattern else {}
        RECORD.write_text(json.dumps(known | witnesses(wall), indent=1, sort_keys=True) + "\n", "utf-8")
    print(f"{len(chosen)} nodes, {args.runs} runs on {os.cpu_count()} cores: {len(wall.faults)} faults")
    return 1 if wall.faults else 0


if __name__ == "__main__":
    sys.exit(main())
