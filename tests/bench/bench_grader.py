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
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

REPOSITORY = Path(__file__).parents[2]
GRADER = str(Path(sys.executable).with_name("grader"))
SUITES = ("async-handler", "rpc")  # what the explorer does passes through no pipe
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
    for inputs, outputs, closes in rounds(events):
        data = "".join(inputs).encode()
        writer = threading.Thread(target=write, args=(process.stdin, data, closes))
        writer.start()  # beside the reading: a burst fills both pipes
        for _ in range(outputs):
            process.stdout.readline()
        writer.join()
    if process.stdin.closed:
        process.wait()
    process.kill()
    process.wait()


def write(stdin: Any, data: bytes, closes: bool) -> None:
    stdin.write(data)
    stdin.flush()
    if closes:
        stdin.close()


def rounds(events: list[dict[str, Any]]) -> Iterator[tuple[list[str], int, bool]]:
    """The texts to write, how many lines to read before the next ones, and whether input ends after them."""
    inputs: list[str] = []
    outputs, closes = 0, False
    for event in events:
        if event["kind"] == "in":
            if outputs:
                yield inputs, outputs, closes
                inputs, outputs = [], 0
            inputs.append(event["text"])
        elif event["kind"] == "out":
            outputs += 1
        elif event["kind"] == "eof":
            closes = True
    yield inputs, outputs, closes


def whole_transcripts(node: str) -> list[list[dict[str, Any]]]:
    """What passed in each case, uncut, each write to the letter; the long waits first, as in the grader."""
    from grader import submit

    results = sorted(submit(node, SUITES).results, key=lambda result: -result.case.waits_ms)
    return [list(writes_and_lines(result.case, result.transcript)) for result in results]


def writes_and_lines(case: Any, transcript: Any) -> Iterator[dict[str, Any]]:
    from grader.cases.model import Send, SendRaw
    from grader.conversation.script import Script

    script, due = Script(case), 0
    for event in transcript:
        if event.kind == "in" and due == 0:
            while not isinstance(script.stage, Send | SendRaw):
                script.go_on()
            text = script.say()
            due = text.removesuffix("\n").count("\n") + 1
            yield {"kind": "in", "text": text}
        elif event.kind == "out":
            script.hear(event.n, event.line)
        if event.kind == "in":
            due -= 1
        else:
            yield {"kind": event.kind}


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
        ours.append(seconds(lambda: run(GRADER, "submit", node, "--suite", *SUITES)))
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
