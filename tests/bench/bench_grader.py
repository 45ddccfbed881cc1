"""How much the grader costs: `grader submit` against bare pipes, and `grader --help` against an empty Python.

    python tests/bench/bench_grader.py [NODE]

Bare pipes: the same node over the same input, as many times, two at a time: each line is written as the
transcript has it, and as many lines are read before the next one as came before it. Silences are not waited
for. Both ratios are medians of paired runs.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

REPOSITORY = Path(__file__).parents[2]
GRADER = str(Path(sys.executable).with_name("grader"))
PAIRS = 5


def bare_pipes(node: str, cases: list[list[dict[str, Any]]]) -> None:
    todo: SimpleQueue[list[dict[str, Any]]] = SimpleQueue()
    for case in cases:
        todo.put(case)

    def work() -> None:
        while True:
            try:
                case = todo.get_nowait()
            except Empty:
                return
            replay(node, case)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def replay(node: str, events: list[dict[str, Any]]) -> None:
    process = subprocess.Popen(
        [sys.executable, node], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdin is not None
    assert process.stdout is not None
    owed = 0
    batch: list[str] = []
    for event in events:
        if event["kind"] == "in":
            for _ in range(owed):
                process.stdout.readline()
            owed = 0
            batch.append(event["line"])
        elif event["kind"] in ("out", "eof"):
            if batch:
                process.stdin.write("".join(f"{line}\n" for line in batch).encode())
                process.stdin.flush()
                batch = []
            owed += event["kind"] == "out"
            if event["kind"] == "eof":
                process.stdin.close()
    for _ in range(owed):
        process.stdout.readline()
    if process.stdin.closed:
        process.wait()
    process.kill()
    process.wait()


def whole_transcripts(node: str) -> list[list[dict[str, Any]]]:
    """What passed in each case, uncut, the long waits first as the grader runs them."""
    from grader import submit

    results = submit(node).results
    results = tuple(sorted(results, key=lambda result: -result.case.waits_ms))
    return [[{"kind": e.kind, "line": e.line} for e in result.transcript] for result in results]


def seconds(work: Any) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def run(*command: str) -> None:
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def main() -> None:
    node = sys.argv[1] if len(sys.argv) > 1 else str(REPOSITORY / "reference" / "node.py")
    os.chdir(tempfile.gettempdir())
    cases = whole_transcripts(node)
    ratios, ours, theirs = [], [], []
    for _ in range(PAIRS):
        theirs.append(seconds(lambda: bare_pipes(node, cases)))
        ours.append(seconds(lambda: run(GRADER, "submit", node)))
        ratios.append(ours[-1] / theirs[-1])
    help_ratios = []
    for _ in range(4 * PAIRS):
        empty = seconds(lambda: run(sys.executable, "-c", "pass"))
        help_ratios.append(seconds(lambda: run(GRADER, "--help")) / empty)
    print(
        json.dumps(
            {
                "cases": len(cases),
                "submit_s": round(statistics.median(ours), 3),
                "bare_pipes_s": round(statistics.median(theirs), 3),
                "submit_to_bare_pipes": round(statistics.median(ratios), 2),
                "help_to_empty_python": round(statistics.median(help_ratios), 2),
            }
        )
    )


if __name__ == "__main__":
    main()
