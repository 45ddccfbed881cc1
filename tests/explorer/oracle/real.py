"""The explorer itself on the oracle's programs: what it says, and all that has come of the schedules it ran.

A process of its own prepares once and forks for each program, since after `install` no clock is the same any
more. It reads programs as JSON lines, file and preemptions, and answers with a line for each.
"""

import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.explorer.oracle.program import Outcome, Program

ROOT = Path(__file__).parents[3]
BUDGET = 20.0  # CPU seconds a program


@dataclass(frozen=True, slots=True)
class Said:
    """What the explorer says of a program, and which outcomes it has seen."""

    complete_to: int
    escaped: str
    schedules: int
    outcomes: frozenset[Outcome]


class Explorer:
    """The process that explores programs, one after another. Leave the context to end it."""

    def __enter__(self) -> "Explorer":
        self.folder = tempfile.TemporaryDirectory()
        self.file = Path(self.folder.name) / "node.py"
        self.file.write_text("", "utf-8")
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from tests.explorer.oracle.real import serve; serve()", str(self.file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=self.folder.name,
            env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": str(ROOT), "LD_BIND_NOW": "1"},
        )
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.folder.cleanup()

    def explore(self, program: Program, most: int) -> Said:
        """Explore it up to so many preemptions, whatever is found."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.file.write_text(program.node, "utf-8")
        self.process.stdin.write(json.dumps([most, program.whose]).encode() + b"\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "fault" in answer:
            raise RuntimeError(answer["fault"])
        told = [Program.outcome(dict(outcome)) for outcome in answer["outcomes"]]
        return Said(answer["complete_to"], answer["escaped"], answer["schedules"], frozenset(told))


def serve() -> None:
    """For the process: explore what is told, until nothing more comes."""
    from grader.explorer.primitives import installation

    installation.install()
    file = sys.argv[1]
    from grader.explorer.runtime import originals
    from grader.explorer.search.forks import fork

    data = b""
    while chunk := originals.read(0, 1 << 16):
        data += chunk
        while b"\n" in data:
            line, data = data.split(b"\n", 1)
            child = fork()
            if child == 0:
                answer: dict[str, Any]
                try:
                    answer = _explored(file, *json.loads(line))
                except BaseException:
                    answer = {"fault": traceback.format_exc()}
                originals.write(1, json.dumps(answer).encode() + b"\n")
                originals.leave(0)
            os.waitpid(child, 0)


def _explored(file: str, most: int, whose: Sequence[str]) -> dict[str, Any]:
    from grader.cases.model import Case, Close, Expect, Send
    from grader.checks.findings import Finding
    from grader.explorer.instrumentation.loader import LoadedProgram
    from grader.explorer.primitives import installation
    from grader.explorer.runtime.launch import of_file
    from grader.explorer.search import cpu_budget
    from grader.explorer.search.engine import Search
    from grader.explorer.search.execution_tree import Leaf
    from grader.explorer.search.state_table import Table

    seen: dict[str, object] = {}

    class Collecting(Search):
        """No run fails: so all are run, and what comes of each is kept."""

        def _judge(self, leaf: Leaf) -> tuple[Finding, ...]:
            lines = [json.loads(event.line)["body"] for event in leaf.transcript if event.kind == "out"]
            told = sorted((body["who"], body["what"]) for body in lines)
            seen[json.dumps(told)] = told
            return ()

    init = {
        "src": "c1",
        "dest": "n1",
        "body": {"type": "init", "msg_id": 1, "node_id": "n1", "node_ids": ["n1"]},
    }
    says = {"src": "n1", "dest": "c1"}
    lines = tuple({**says, "body": {"type": "outcome", "who": who}} for who in whose)
    steps = Send((init,)), Expect(lines), Close()
    case = Case("oracle", "interleaving", "A program of the oracle's", steps, msg_ids="ignored", match="subset")
    program = LoadedProgram(of_file(file))
    installation.adapt(program)
    search = Collecting(program, case, Table(), 0)
    end = cpu_budget.spent() + BUDGET
    for level in range(most + 1):
        if not search.is_done and search.explored.open_at is None:
            search.explore(level, end)
    explored = search.explored
    return {
        "complete_to": explored.complete_to,
        "escaped": "; ".join(explored.escaped) or (explored.stopped if explored.open_at is not None else ""),
        "schedules": explored.schedules,
        "outcomes": list(seen.values()),
    }
