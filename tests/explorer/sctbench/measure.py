"""What the explorer needs for the programs of SCTBench, and what it says one level below each bug.

    python -m tests.explorer.sctbench.measure [NAME …]    prints a line a program
    python -m tests.explorer.sctbench.measure --record    writes measured.json, from which the README's table is

CPU seconds of all processes, one program at a time.
"""

import json
import os
import resource
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
MEASURED = HERE / "measured.json"
LIMIT = 60.0  # CPU seconds a program
SUBREAPER = 36  # Linux: who has lost its parent becomes ours

# By SCTBench's name: the program, its number of threads if it has one, and the least preemptions to its bug.
LEAST: dict[str, tuple[tuple[str, ...], int]] = {
    **{name: ((name,), 0) for name in ("account", "arithmetic_prog", "fsbench", "lazy01", "phase01")},
    **{name: ((name,), 0) for name in ("sync01", "sync02", "token_ring")},
    **{f"din_phil{n}": (("dining", str(n)), 0) for n in range(2, 8)},
    **{name: ((name,), 1) for name in ("bluetooth_driver", "carter01", "circular_buffer", "deadlock01")},
    **{name: ((name,), 1) for name in ("queue", "stack")},
    **{f"reorder_{n}": (("reorder", str(n)), 1) for n in (3, 4, 5, 10, 20)},
    "twostage": (("twostage", "2"), 1),
    "twostage_20": (("twostage", "20"), 1),
    "twostage_100": (("twostage", "100"), 1),
    "wronglock_3": (("wronglock", "3"), 1),
    "wronglock": (("wronglock", "8"), 1),
    "stringbuffer": (("stringbuffer",), 2),
}
QUICK = (  # in the test suite: of each kind, what takes about a second
    "account", "arithmetic_prog", "lazy01", "phase01", "sync01", "token_ring", "din_phil2", "bluetooth_driver",
    "carter01", "deadlock01", "stack", "reorder_3", "twostage", "wronglock_3", "stringbuffer",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measured:
    """`preemptions`: of what was found, or None. `complete_to`: the level complete and without failure."""

    preemptions: int | None
    complete_to: int
    schedules: int
    seconds: float
    why: str = ""


def measure(name: str, limit: float = LIMIT) -> Measured:
    """Explore one program, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", __spec__.name if __spec__ else __name__, "--here", name, str(limit)],
        stdout=subprocess.PIPE,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )
    return Measured(**json.loads(done.stdout))


def here(name: str, limit: float) -> Measured:
    """In this process, which is good for nothing else afterwards."""
    import ctypes

    from grader.explorer.runtime.launch import Launch
    from grader.explorer.server import prepare

    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    words, _ = LEAST[name]
    program = prepare(Launch(sys.executable, str(HERE), str(HERE / "programs.py"), args=words))
    from grader.cases.select import select
    from grader.explorer.search import cpu_budget
    from grader.explorer.search.engine import TOP, Search
    from grader.explorer.search.state_table import Table

    search = Search(program, select([str(HERE / "case.jsonl")])[0], Table(), 0)
    end = cpu_budget.spent() + limit
    for level in range(TOP + 1):
        if not search.is_done and search.explored.open_at is None:
            search.explore(level, end)
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    explored, found = search.explored, search.found
    why = explored.escaped[0] if explored.escaped else explored.stopped
    least = found.preemptions if found else None
    return Measured(least, explored.complete_to, explored.schedules, round(_cpu(), 1), why)


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def main(words: list[str]) -> None:
    if words[:1] == ["--here"]:
        from grader.explorer.runtime import originals

        text = json.dumps(asdict(here(words[1], float(words[2]))))
        originals.write(1, text.encode())  # `print` belongs to the programs here
        return
    names = [word for word in words if word != "--record"] or list(LEAST)
    known = json.loads(MEASURED.read_text("utf-8")) if MEASURED.exists() else {}
    for name in names:
        known[name] = asdict(measured := measure(name))
        print(f"{name:20}{measured}", flush=True)
        if "--record" in words:
            text = json.dumps({name: known[name] for name in LEAST if name in known}, indent=1)
            MEASURED.write_text(f"{text}\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
