"""The work that nodes are compared by, and its measuring: all in turn, round after round, then the median."""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.notebook.comparison.measuring import SILENT, Body, Exchange, Fell, exchange, round_trip_s
from grader.notebook.nodes.node_files import whole_source

TRIPS = 200  # echoes, one at a time
ROUNDS = 5  # at most
ALIKE = 1.25  # times the least, or less: no difference to speak of

PROXY: Body = {"type": "proxy", "target": "n2", "inner": {"type": "echo", "echo": "hi"}}
WORKLOADS: dict[str, list[Body]] = {
    "flood": [{"type": "echo", "echo": "please echo"}] * 5_000,
    "waiting": [PROXY] * 1_000,
    "computing": [{"type": "compute", "n": 500_000}] * 4,
    "blocking": [{"type": "nap", "s": 0.05}] * 10,
}


@dataclass(frozen=True, slots=True)
class _Figure:
    """One thing that is measured in a workload; less is better."""

    short: str
    name: str
    unit: str
    workload: str
    of: Callable[[Exchange], float]


_FIGURES = (
    _Figure("flood", "5,000 echoes at once: time", "s", "flood", lambda e: e.seconds),
    _Figure("waiting", "1,000 proxies wait: memory", "MiB", "waiting", lambda e: max(e.memory_mib, 0.1)),
    _Figure("threads", "1,000 proxies wait: threads", "", "waiting", lambda e: e.threads),
    _Figure("computing", "4 that compute: time", "s", "computing", lambda e: e.seconds),
    _Figure("blocking", "10 that block: time", "s", "blocking", lambda e: e.seconds),
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something that was counted or measured, the less the better: a value a node, None where it fell."""

    name: str
    unit: str  # empty of a count
    values: tuple[float | None, ...]
    by_round: tuple[tuple[float, ...], ...] = ()  # the values of each round, where no node fell

    @property
    def least(self) -> float | None:
        return min((value for value in self.values if value is not None), default=None)

    @property
    def ratios(self) -> tuple[float | None, ...]:
        """How many times the least."""
        least = self.least
        return tuple(value / least if value is not None and least else None for value in self.values)

    @property
    def winners(self) -> tuple[int, ...]:
        """The nodes with the least, or nearly; none if that is all of them."""
        return _near(self.values)

    @property
    def why_void(self) -> str:
        """Why nothing can be settled by this: one round only, or rounds with different winners; else empty."""
        if len(self.by_round) < 2:
            return "one round only"
        return "the rounds disagree" if len(set(map(_near, self.by_round))) > 1 else ""

    @property
    def is_settled(self) -> bool:
        """Whether there were several rounds, each with the same winners."""
        return not self.why_void


def _near(values: Sequence[float | None]) -> tuple[int, ...]:
    """Which values are the least, or nearly; none if that is all of them."""
    least = min((value for value in values if value is not None), default=0)
    near = tuple(n for n, value in enumerate(values) if value is not None and value <= ALIKE * least)
    return () if len(near) == len(values) else near


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of some nodes in so many rounds; and what could not be, a line each."""

    nodes: tuple[str, ...]
    quantities: dict[str, Quantity]  # by a short name
    rounds: int
    notes: tuple[str, ...]


def measure(files: Sequence[Path], seconds: float, at_least: int = 1) -> Measured:
    """Run all workloads with all nodes in turn, as many rounds as fit into these seconds, and `at_least`."""
    taken: dict[tuple[str, int], list[float]] = {}
    fallen: dict[tuple[str, int], str] = {}
    began, rounds = time.monotonic(), 0
    while rounds < at_least or (rounds < ROUNDS and _is_room(time.monotonic() - began, rounds, seconds)):
        for short, node, value in _round(files, rounds, fallen):
            taken.setdefault((short, node), []).append(value)
        rounds += 1

    def medians(short: str) -> tuple[float | None, ...]:
        found = (taken.get((short, node)) for node in range(len(files)))
        return tuple(statistics.median(values) if values else None for values in found)

    def by_round(short: str) -> tuple[tuple[float, ...], ...]:
        each = [taken.get((short, node), []) for node in range(len(files))]
        return tuple(zip(*each, strict=True)) if len(set(map(len, each))) == 1 else ()

    lines = tuple(lines_of_code(source) for source in map(whole_source, files))
    quantities = {
        "lines": Quantity("lines of code", "", lines),
        "trip": Quantity("one echo at a time: round trip", "s", medians("trip")),
        **{
            each.short: Quantity(each.name, each.unit, medians(each.short), by_round(each.short))
            for each in _FIGURES
        },
    }
    known = {short: q for short, q in quantities.items() if q.least is not None}
    return Measured(tuple(file.stem for file in files), known, rounds, _notes(files, fallen))


def times(ratio: float) -> str:
    """A ratio as it is shown."""
    return f"{ratio:.1f}×" if ratio < 100 else f"{ratio:.0f}×"


def lines_of_code(source: str) -> int:
    """The lines that are neither blank nor only a comment or a docstring; 0 of what is no Python."""
    import ast
    import tokenize
    from io import StringIO

    idle = {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    }
    try:
        tree = ast.parse(source)
        tokens = [t for t in tokenize.generate_tokens(StringIO(source).readline) if t.type not in idle]
    except (SyntaxError, tokenize.TokenError):
        return 0
    code = {line for token in tokens for line in range(token.start[0], token.end[0] + 1)}
    for each in ast.walk(tree):
        if isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant):
            code -= set(range(each.lineno, (each.end_lineno or each.lineno) + 1))
    return len(code)


def _notes(files: Sequence[Path], fallen: Mapping[tuple[str, int], str]) -> tuple[str, ...]:
    """A line for each way to fall in a workload, with those who did."""
    alike: dict[tuple[str, str], list[str]] = {}
    for (workload, node), fell in fallen.items():
        alike.setdefault((workload, fell), []).append(files[node].name)
    return tuple(
        f"{workload}: not measured of {', '.join(names)}, which {fell}"
        for (workload, fell), names in alike.items()
    )


def _is_room(spent: float, rounds: int, seconds: float) -> bool:
    """Whether one more round, as long as those before, ends in time."""
    return spent * (rounds + 1) / rounds <= seconds


def _is_silent(node: int, fallen: Mapping[tuple[str, int], str]) -> bool:
    """Whether it fell silent in some workload: it may do so again, and we can't wait so often."""
    return any(who == node and fell == SILENT for (_, who), fell in fallen.items())


def _round(
    files: Sequence[Path], number: int, fallen: dict[tuple[str, int], str]
) -> Iterator[tuple[str, int, float]]:
    """One round: each workload with each node that has not fallen in it; each time another node begins."""
    order = [(n + number) % len(files) for n in range(len(files))]
    for workload in ("trip", *WORKLOADS):
        for node in order:
            if (workload, node) in fallen or _is_silent(node, fallen):
                continue
            try:
                if workload == "trip":
                    yield "trip", node, round_trip_s(str(files[node]), TRIPS)
                    continue
                came = exchange(str(files[node]), WORKLOADS[workload])
            except Fell as fell:
                fallen[workload, node] = str(fell)
                continue
            for figure in _FIGURES:
                if figure.workload == workload:
                    yield figure.short, node, figure.of(came)
