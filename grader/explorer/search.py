"""The search: cases in turn, the fewest preemptions first, until something is found or time is up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from grader.cases import Case
from grader.explorer import real, tree
from grader.explorer.loading import Program
from grader.explorer.record import Found, Run
from grader.explorer.scheduler import Places
from grader.explorer.shrink import shrink
from grader.explorer.tree import Leaf, Recorded, Table
from grader.explorer.verdicts import Explored, classify
from grader.findings import Finding
from grader.transcript import Transcript
from grader.verdict import NO_PROXY, judge

TOP = 2  # preemptions, at most
KEPT = 4_000  # passing schedules that are remembered, to find the nearest
AROUND = (1,), (0, 1), (0, 0, 1)  # choices, again and again: always to give way, every second time, …
DEEP = 200  # times
CHECKED = 100  # of so many schedules one is run again from the start, and compared


@dataclass(frozen=True, slots=True)
class Result:
    """What the search says of one case: what it covered, what it found, and one transcript."""

    case: Case
    explored: Explored
    found: Found | None
    transcript: Transcript
    duration_s: float
    replay: "Replayable | None" = None


@dataclass(frozen=True, slots=True)
class Replayable:
    """What it takes to make a run again: its choices, and the places where there were choices."""

    choices: tuple[int, ...]
    racy: frozenset[int]
    shared: frozenset[tuple[object, ...]]
    passing: tuple[int, ...] | None = None  # the choices of the nearest schedule that passes


class Search:
    """The search through one case's schedules. `explore` goes one level further."""

    def __init__(self, program: Program, case: Case, table: Table, seed: int) -> None:
        self.program, self.case, self.table, self.seed = program, case, table, seed
        self.places = Places()
        self.explored = Explored()
        self.judged: dict[object, tuple[Finding, ...]] = {}
        self.traces: dict[int, object] = {}
        self.passing: list[Leaf] = []
        self.failing: Leaf | None = None
        self.plain: Transcript = ()
        self.spent = 0.0
        self.found: Found | None = None
        self.replay: Replayable | None = None

    @property
    def is_done(self) -> bool:
        return bool(self.found or self.explored.escaped)

    def explore(self, level: int, deadline: float) -> None:
        """All schedules with at most `level` preemptions, or as many as fit before the deadline."""
        began = real.now()
        try:
            if level == 1:
                self._look_around(deadline)
            while not self.is_done and not self._grown(level, deadline):
                pass
        except TimeoutError:
            self.explored = replace(self.explored, open_at=level, stopped="budget")
        except tree.Stuck as stuck:
            self._escapes(str(stuck))
        if self.failing is not None and not self.explored.escaped:
            self._explain(self.failing)
        self.spent += real.now() - began

    def result(self) -> Result:
        transcript = self.found.failing.transcript if self.found else self.plain
        return Result(self.case, self.explored, self.found, transcript, self.spent, self.replay)

    def _look_around(self, deadline: float) -> None:
        """Learn places from a few runs with many switches: one learnt late makes the tree grow again."""
        for pattern in AROUND:
            if self.is_done or real.now() >= deadline:
                return
            leaf = tree.follow(self.program, self.case, self.places, pattern * DEEP).leaf
            self.places.learn(Places(set(leaf.racy), set(leaf.shared)))

    def _grown(self, level: int, deadline: float) -> bool:
        """Grow the tree once; False if a run has taught a new place, so that it must be grown again."""
        self.traces.clear()
        self.passing.clear()
        self.failing = None
        count = 0
        for leaf in tree.grow(self.program, self.case, self.places, level, self.table, deadline):
            count += 1
            new = Places(set(leaf.racy), set(leaf.shared))
            if self.places.missing(new):
                self.places.learn(new)
                return False
            if leaf.escaped:
                self._escapes(leaf.escaped)
                return True
            if self.table.is_full:
                self.explored = replace(self.explored, open_at=level, stopped="table of states")
                return True
            if not leaf.cut and self._take(leaf):
                break
            if count % CHECKED == 0 and not leaf.cut and not self._comes_again(leaf):
                self._escapes("a run that was made again went another way")
                return True
        schedules = max(self.explored.schedules, count)
        distinct = max(self.explored.distinct, len(self.traces))
        self.explored = replace(self.explored, schedules=schedules, distinct=distinct)
        if self.failing is None:
            self.explored = replace(self.explored, complete_to=level, open_at=None, stopped="")
        return True

    def _take(self, leaf: Leaf) -> bool:
        """Judge a run. True if there is one that fails and one that passes: nothing more is needed."""
        said = tuple(event.line for event in leaf.transcript if event.kind == "out")
        if self.traces.setdefault(leaf.trace, said) != said:
            self._escapes("a state that it does not see: two runs with the same trace wrote different lines")
            return True
        if not self.plain:
            self.plain = leaf.transcript
            judged = self._judge(leaf)
            if judged and judged[0].code == "did-not-start":
                words = [event.line for event in leaf.transcript if event.kind == "err" and event.line.strip()]
                self._escapes(f"it ended before it answered init ({words[-1] if words else 'without a word'})")
                return True
            if judge(self.case, leaf.transcript).lacks_proxy:
                self._escapes(NO_PROXY, "no proxy")
                return True
        if judged := self._judge(leaf):
            # Where every schedule fails, one that gets stuck for good says most.
            if self.failing is None or (judged[0].code == "no-reply" and not self._gets_stuck(self.failing)):
                self.failing = leaf
        elif len(self.passing) < KEPT:
            self.passing.append(leaf)
        return self.failing is not None and bool(self.passing)

    def _gets_stuck(self, leaf: Leaf) -> bool:
        return self._judge(leaf)[0].code == "no-reply"

    def _judge(self, leaf: Leaf) -> tuple[Finding, ...]:
        key = tuple((event.kind, event.line, event.status) for event in leaf.transcript if event.kind != "err")
        if key not in self.judged:
            self.judged[key] = judge(self.case, leaf.transcript).findings
        return self.judged[key]

    def _escapes(self, what: str, stopped: str = "inconclusive") -> None:
        self.explored = replace(self.explored, escaped=(what,), stopped=stopped)
        self.failing = None

    def _comes_again(self, leaf: Leaf) -> bool:
        again = tree.follow(self.program, self.case, self.places, leaf.choices).leaf
        return [(e.kind, e.line) for e in again.transcript] == [(e.kind, e.line) for e in leaf.transcript]

    # What was found.

    def _explain(self, leaf: Leaf) -> None:
        """Shrink the failing schedule, record it and the nearest that passes, and say what leads."""
        code = self._judge(leaf)[0].code

        def fails(choices: Sequence[int]) -> tuple[int, ...] | None:
            again = tree.follow(self.program, self.case, self.places, choices).leaf
            judged = self._judge(again)
            return again.choices if judged and judged[0].code == code else None

        choices = shrink(leaf.choices, fails)
        failing = tree.follow(self.program, self.case, self.places, choices, record=True)
        if not self._judge(failing.leaf):
            self._escapes("a run that was made again went another way")
            return
        near = self._nearest(choices)
        passing = (
            tree.follow(self.program, self.case, self.places, near, record=True) if near is not None else None
        )
        node = self.program.sources.short(self.program.file)
        self.found = found(node, self.case, self.seed, failing, passing)
        near = near if self.found.passing else None
        self.replay = Replayable(
            tuple(choices), frozenset(self.places.racy), frozenset(self.places.shared), near
        )
        self.explored = replace(self.explored, open_at=None, stopped="found")

    def _nearest(self, choices: Sequence[int]) -> tuple[int, ...] | None:
        """The passing schedule that goes the same way for longest."""
        for place in range(len(choices) - 1, -1, -1):
            if choices[place]:
                again = tree.follow(self.program, self.case, self.places, choices[:place]).leaf
                if not self._judge(again):
                    return again.choices

        def common(leaf: Leaf) -> int:
            pairs = zip(leaf.choices, choices, strict=False)
            return next((n for n, (one, other) in enumerate(pairs) if one != other), 0)

        best = max(self.passing, key=common, default=None)
        return best.choices if best else None


def found(node: str, case: Case, seed: int, failing: Recorded, passing: Recorded | None) -> Found:
    """What two recorded runs of a node show, of which the first fails; the other counts only if it passes."""
    ours = _run(node, case, seed, failing)
    theirs = _run(node, case, seed, passing) if passing else None
    if passing is None or theirs is None or theirs.findings:
        return classify(ours, failing.races, None, ())
    return classify(ours, failing.races, theirs, passing.races)


def _run(node: str, case: Case, seed: int, recorded: Recorded) -> Run:
    leaf = recorded.leaf
    return Run(
        node, case.id, seed, recorded.steps, recorded.decisions, leaf.transcript,
        judge(case, leaf.transcript).findings,
        recorded.stuck, tuple(stand.worker for stand in recorded.stuck if stand.state == "waits"),
        recorded.crashes, recorded.sources,
    )  # fmt: skip


def learn(program: Program, case: Case, budget: float) -> Replayable:
    """Where the choices of a case are, as far as runs with one preemption show it, and no choice taken."""
    one = Search(program, case, Table(), 0)
    end = real.now() + budget
    for level in (0, 1):
        one.explore(level, end)
    return Replayable((), frozenset(one.places.racy), frozenset(one.places.shared))


def search(
    program: Program, cases: Sequence[Case], budget: float, seed: int = 0, top: int = TOP
) -> Iterator[Result]:
    """Search all cases, level by level, in at most `budget` seconds; each case's result once it is known.

    So what is found early comes early, whatever the order of the cases.
    """
    table = Table()
    end = real.now() + budget
    searches = [Search(program, case, table, seed) for case in cases]
    for level in range(top + 1):
        for place, one in enumerate(searches):
            if one.is_done or one.explored.open_at is not None:
                continue
            left = sum(not s.is_done and s.explored.open_at is None for s in searches[place:])
            now = real.now()
            one.explore(level, now + max(0.0, end - now) / left)
            if one.is_done or one.explored.open_at is not None or level == top:
                yield one.result()
