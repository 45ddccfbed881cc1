"""The search: cases in turn, the fewest preemptions first, until something is found or time is up."""

import math
import os
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from functools import partial

from grader.cases.model import Case
from grader.checks.by_the_clock import WAITED_MS
from grader.checks.findings import Finding
from grader.checks.judge import NO_ECHO, NO_PROXY, judge
from grader.conversation.transcript import Transcript
from grader.explorer.coverage import BUDGET, INTERRUPT, Explored
from grader.explorer.runtime import originals
from grader.explorer.runtime.interfaces import Program
from grader.explorer.runtime.worker import Places
from grader.explorer.search import cpu_budget, execution_tree
from grader.explorer.search.as_numbered import as_numbered
from grader.explorer.search.counterexample import show
from grader.explorer.search.execution_tree import LONG_WAITS, Leaf
from grader.explorer.search.forks import Limit, Over, Stuck
from grader.explorer.search.reduce_case import requests, without
from grader.explorer.search.state_table import Table
from grader.explorer.trace.model import Found, Replayable
from grader.protocol.messages import error_code, message_on

TOP = 2  # preemptions, at most
KNOWN = 1  # preemptions: to be complete to as many says something, though a run with more escapes
KEPT = 4_000  # passing schedules that are remembered, to find the nearest
AROUND = (1,), (0, 1), (0, 0, 1)  # choices, again and again: always to give way, every second time, …
DEEP = 200  # times
SOON = 60  # schedules of a tree, where one is known to fail
FURTHER = 300  # schedules with a preemption more, to find one that passes
FEWER = 300  # schedules, in all cases together, to find a failure again with fewer messages
AFTERWARDS = 3.0  # CPU seconds beyond the budget, for a run of what had none, and to make finds readable
CHECKED = 100  # of so many whole runs one is made again, and of so many that were cut off one goes on
ANOTHER_WAY = "a run that was made again went another way"
NOTHING_JUDGED = "no schedule came to its end, so none was judged: the explorer's own fault"
TOO_SLOW = "the budget was over after one schedule: a larger --budget shows more"
STUCK = "the budget went into runs of other cases that did not end; this one was not run"
SPENT = "the budget went into other cases, and this one was not run: a larger --budget shows more"
UNSEEN = "a state that it does not see: two runs with the same trace wrote different lines"


@dataclass(frozen=True, slots=True)
class Searched:
    """What the search says of one case: what it covered, what it found, and one transcript."""

    case: Case
    explored: Explored
    found: Found | None
    transcript: Transcript
    duration_s: float
    replay: Replayable | None = None
    none_passes: bool = False  # of all the schedules that were tried


class Search:
    """The search through one case's schedules. `explore` goes one level further."""

    def __init__(self, program: Program, case: Case, table: Table, seed: int, stop: int | None = None) -> None:
        self.program, self.case, self.table, self.seed, self.stop = program, case, table, seed, stop
        self.places = Places()
        self.explored = Explored()
        self.judged: dict[object, tuple[Finding, ...]] = {}
        self.traces: dict[int, object] = {}
        self.passing: list[Leaf] = []
        self.failing: Leaf | None = None
        self.spare: tuple[Found, Replayable] | None = None  # what fails, with too many switches
        self.whole = self.cut = 0  # runs of each kind
        self.doubt = ""  # why the states that it knows can't be trusted
        self.plain: Transcript = ()
        self.has_passed = False  # a schedule, whichever
        self.private = ""  # the folder for temporary files, if it is the runs' own
        self.spent = 0.0
        self.found: Found | None = None
        self.replay: Replayable | None = None
        self.wanted = ""  # the code of the only failure that counts
        self.most = math.inf  # schedules, at each level
        self.show_until = math.inf  # CPU seconds spent: what is found then is shown as it is

    @property
    def is_done(self) -> bool:
        return bool(self.found or self.explored.escaped)

    def explore(self, level: int, until: float, at_last: float = math.inf, starting: float = 0.0) -> None:
        """All schedules with at most `level` preemptions, or as many as fit in, as Limit has it.

        Once a run has shown state that the explorer does not track, no run is cut off by the table of states
        any more, and the levels go on until something is found: a claim of completeness is out of reach.
        """
        began = originals.now()
        limit = Limit(until, at_last, starting, self.stop)
        try:
            if level == 1:
                self._look_around(limit)
            self._cover(level, limit)
            if self._needs_comparison() and not self.passing and level < TOP:
                self._look_further(level + 1, limit)
            for deeper in range(level, TOP + 1):
                if self.doubt and self.failing is None and self.explored.open_at is None:
                    self._cover(deeper, limit)
            if self.doubt:
                self.explored = replace(self.explored, complete_to=-1)
                self._escapes(self.doubt)
        except Stuck as stuck:
            self._escapes_at(level, str(stuck))
        except Over as over:
            self.explored = replace(self.explored, open_at=level, stopped=str(over))
        if self.failing is not None:
            self._show(self.failing)
        elif self.spare and not self.found and (level == TOP or self.explored.complete_to < level):
            self._is_found(self.spare)
        self.spent += originals.now() - began

    def give_up(self, why: str) -> None:
        """It can't be explored."""
        self._escapes(why)

    def leave_out(self) -> None:
        """Nothing is left to spend on it."""
        self._escapes(STUCK if cpu_budget.has_stuck_runs() else SPENT)

    def leave_open(self, level: int) -> None:
        """Nothing is left to spend on this level: its first run would be one that the level below has made."""
        self.explored = replace(self.explored, open_at=level, stopped=BUDGET)

    def result(self) -> Searched:
        transcript = self.found.failing.transcript if self.found else self.plain
        one = self.explored
        if one.complete_to < 0 and one.schedules <= 1 and one.stopped == BUDGET:
            self._escapes(TOO_SLOW)  # one schedule is as good as none
        none_passes = self.found is not None and not self.has_passed
        return Searched(self.case, self.explored, self.found, transcript, self.spent, self.replay, none_passes)

    def _look_around(self, limit: Limit) -> None:
        """A few runs with many switches, to learn racy places early: each one learnt later restarts the tree.

        Most races already fail in these runs, and after shrinking most need one preemption. The first that
        fails is kept in reserve: one that the tree finds is easier to read.
        """
        for pattern in AROUND:
            if self.is_done or limit.is_over():
                return
            places = Places(set(self.places.racy), set(self.places.shared))
            leaf = self._follow(pattern * DEEP, places)
            self.places.learn(Places(set(leaf.racy), set(leaf.shared)))
            if not leaf.escaped and not self.spare and self._fails(leaf):
                self.spare = self._shown(leaf, places, ())

    def _look_further(self, level: int, limit: Limit) -> None:
        """Every schedule has failed: one with a preemption more may pass, and be the one to compare with."""
        failing, places, most = self.failing, self.places, self.most
        self.places = Places(set(places.racy), set(places.shared))
        self.most = min(most, FURTHER)
        with suppress(Stuck):
            self._cover(level, limit)
        self.most = most
        if self.failing is None or not places.missing(self.places):
            self.failing, self.places = failing, places

    def _follow(self, choices: Sequence[int], places: Places) -> Leaf:
        """One run. Raises Stuck, Over."""
        return execution_tree.follow(self.program, self.case, places, choices, stop=self.stop).leaf

    def _cover(self, level: int, limit: Limit) -> None:
        while not self.is_done and not self._has_grown(level, limit):
            pass

    def _has_grown(self, level: int, limit: Limit) -> bool:
        """Run the tree once; False if a run touched a racy place that is new: then it must be run again."""
        self.traces.clear()
        self.passing.clear()
        self.failing = None
        count = 0
        is_known = self.spare is not None and self.spare[0].preemptions <= level
        most = min(self.most, SOON) if is_known else self.most
        grow = partial(execution_tree.grow, self.program, self.case, self.places, level, self.table, limit)
        try:
            with closing(grow(cuts=not self.doubt)) as leaves:
                for leaf in map(self._checked, leaves):
                    count += 1
                    new = Places(set(leaf.racy), set(leaf.shared))
                    if self.places.missing(new):
                        self.places.learn(new)
                        return False
                    if self._is_enough(leaf, level) or count >= most:
                        break
                else:
                    if not self.traces and not self.doubt:
                        self._escapes(NOTHING_JUDGED)
                    elif self.failing is None and not self.doubt:
                        self.explored = replace(self.explored, complete_to=level)
        except Over as over:
            self.explored = replace(self.explored, open_at=level, stopped=str(over))
        schedules = max(self.explored.schedules, count)
        distinct = max(self.explored.distinct, len(self.traces))
        self.explored = replace(self.explored, schedules=schedules, distinct=distinct)
        return True

    def _checked(self, leaf: Leaf) -> Leaf:
        """Of a hundred runs that were cut off, one is run to its end: a check of the table of states."""
        if leaf.has_long_waits and not self.explored.long_waits:
            self.explored = replace(self.explored, long_waits=LONG_WAITS)
        self.whole += not leaf.cut
        self.cut += leaf.cut
        if leaf.cut and self.cut % CHECKED == 1:
            return self._follow(leaf.choices, self.places)
        return leaf

    def _is_enough(self, leaf: Leaf, level: int) -> bool:
        """Count one run. True if the search is over: something is found, or the case is inconclusive."""
        if leaf.escaped:
            self._escapes_at(level, leaf.escaped)
            return True
        if not leaf.cut and self._take(leaf):
            return True
        if self.table.is_full:
            self.explored = replace(self.explored, open_at=level, stopped="table of states")
            return True
        return bool(self.explored.escaped)

    def _take(self, leaf: Leaf) -> bool:
        """Judge a run. True once one run fails and one passes: both are all that an explanation needs."""
        if self.private and os.listdir(self.private):
            self._escapes("it keeps something in files, which all runs would share")
            return True
        said = tuple(event.line for event in leaf.transcript if event.kind == "out")
        if not self.doubt:
            if self.traces.setdefault(leaf.trace, said) != said:
                self.doubt = UNSEEN
            elif self.whole % CHECKED == 1 and not self._comes_again(leaf):
                self.doubt = ANOTHER_WAY
            if self.doubt:
                return True
        if not self.plain:
            self.plain = leaf.transcript
            judged = self._judge(leaf)
            if judged and judged[0].code == "did-not-start":
                words = [event.line for event in leaf.transcript if event.kind == "err" and event.line.strip()]
                self._escapes(f"it ended before it answered init ({words[-1] if words else 'without a word'})")
                return True
            verdict = judge(self.case, leaf.transcript)
            if verdict.lacks_proxy or verdict.lacks_echo:
                self._escapes(NO_PROXY if verdict.lacks_proxy else NO_ECHO, "not supported")
                return True
        if self._fails(leaf):
            # Where every schedule fails, a deadlock says most.
            if self.failing is None or (self._gets_stuck(leaf) and not self._gets_stuck(self.failing)):
                self.failing = leaf
        elif not self._judge(leaf) and len(self.passing) < KEPT:
            self.passing.append(leaf)
        return self.failing is not None and (bool(self.passing) or not self._needs_comparison())

    def _needs_comparison(self) -> bool:
        """Whether one that passes says more of the schedule that fails: who passes a limit does so in most."""
        return self.failing is not None and self._judge(self.failing)[0].code != "limit-exceeded"

    def _fails(self, leaf: Leaf) -> bool:
        """Whether it counts as one. Who gives up or is late where a long wait was made to end may be right."""
        judged = self._judge(leaf)
        if leaf.long_waits and (_says_timeout(leaf.transcript) or (judged and judged[0].by_clock)):
            return False
        return bool(judged) and self.wanted in ("", judged[0].code)

    def _gets_stuck(self, leaf: Leaf) -> bool:
        return self._judge(leaf)[0].code == "no-reply"

    def _judge(self, leaf: Leaf) -> tuple[Finding, ...]:
        events = (event for event in leaf.transcript if event.kind != "err")
        key = tuple((event.kind, event.line, event.status, event.t_ms // WAITED_MS) for event in events)
        if key not in self.judged:
            self.judged[key] = judge(self.case, leaf.transcript).findings
            self.has_passed = self.has_passed or not self.judged[key]
        return self.judged[key]

    def _escapes_at(self, level: int, what: str) -> None:
        """One run escaped control: what the levels below have shown remains true."""
        if self.explored.complete_to >= KNOWN and not self.doubt:
            self.explored = replace(self.explored, open_at=level, stopped=what)
        else:
            self._escapes(what)

    def _escapes(self, what: str, stopped: str = "inconclusive") -> None:
        self.explored = replace(self.explored, escaped=(what,), open_at=None, stopped=stopped)

    def _comes_again(self, leaf: Leaf) -> bool:
        again = self._follow(leaf.choices, self.places)
        return [(e.kind, e.line) for e in again.transcript] == [(e.kind, e.line) for e in leaf.transcript]

    def _show(self, leaf: Leaf) -> None:
        """A failing run is a find once it was made again with a recorder, whatever escaped in others."""
        try:
            shown = self._shown(leaf, self.places, self.passing)
        except Stuck as stuck:
            self._escapes(str(stuck))
            return
        if shown is None:
            self._escapes(ANOTHER_WAY)
        else:
            self._is_found(shown)

    def _shown(self, leaf: Leaf, places: Places, others: Sequence[Leaf]) -> tuple[Found, Replayable] | None:
        shown = show(
            self.program, self.case, self.seed, places, self._judge, leaf, others, self.stop, self.show_until
        )
        if shown is None:
            return None
        early = [decision for decision in shown[0].failing.decisions if decision.kind == "timeout"]
        long = sum(not decision.cost for decision in early)
        # A run with more expired timeouts is hardly one that happens.
        return shown if len(early) <= TOP and long <= LONG_WAITS else None

    def _is_found(self, shown: tuple[Found, Replayable]) -> None:
        self.found, self.replay = shown
        self.explored = replace(self.explored, open_at=None, stopped="found", escaped=())


def _says_timeout(transcript: Transcript) -> bool:
    """Whether the node answered somebody with the error of a timeout."""
    said = (message_on(event.line) for event in transcript if event.kind == "out")
    bodies = [message["body"] for message in said if message is not None]
    return any(body.get("type") == "error" and error_code(body) == 0 for body in bodies)


def _with_fewer_messages(one: Search, most: int) -> int:
    """Drop the requests that the failure does not need, as long as it is found again soon without them.

    At most `most` schedules are run for that, and until `show_until`; returned is how many of them are left.
    """
    from grader.explorer.diagnosis.explanation import place  # only now: many nodes never fail

    for number in reversed(requests(one.case)):
        assert one.found is not None
        assert one.replay is not None
        dropped = (*one.replay.dropped, number)
        smaller = Search(one.program, without(one.case, dropped), one.table, one.seed, one.stop)
        smaller.places.learn(one.places)
        smaller.wanted, smaller.most = one.found.failing.findings[0].code, most
        smaller.show_until = one.show_until
        for level in range(min(one.found.preemptions, TOP) + 1):
            if not smaller.is_done and smaller.explored.open_at is None:
                smaller.explore(level, one.show_until)
        if smaller.explored.stopped in (INTERRUPT, BUDGET):
            break
        most -= smaller.explored.schedules
        again, replay = smaller.found, smaller.replay
        if again and replay and again.preemptions <= one.found.preemptions and place(again) == place(one.found):
            one.found, one.replay = again, replace(replay, dropped=dropped)
        if most <= 0:
            break
    return most


def learn(program: Program, case: Case, budget: float) -> Replayable:
    """The scheduling points of a case, as far as runs with at most one preemption show them; no choices."""
    one = Search(program, case, Table(), 0)
    end = cpu_budget.spent() + budget
    for level in (0, 1):
        one.explore(level, end)
    return Replayable((), frozenset(one.places.racy), frozenset(one.places.shared))


def search(
    program: Program,
    cases: Sequence[Case],
    budget: float,
    seed: int = 0,
    top: int = TOP,
    stop: int | None = None,
    private: str = "",
) -> Iterator[Searched]:
    """Search all cases, level by level, in at most `budget` CPU seconds; each case's result once it is known.

    By level, so that an easy find in the last case does not wait for a hard one in the first. Once the
    file `stop` can be read, the search ends where it is. `private` is the folder for temporary files, if it is
    the runs' own.
    """
    table = Table()
    end, at_last = cpu_budget.spent() + budget, originals.now() + cpu_budget.SLOWEST * budget
    fewer = FEWER
    searches = []
    for case in cases:
        numbered, why = (case, "") if _is_used_up(end) else as_numbered(program, case, stop)
        one = Search(program, numbered, table, seed, stop)
        one.private, one.show_until = private, end + AFTERWARDS
        searches.append(one)
        if why:
            one.give_up(why)
            yield _of(case, one.result())
    for level in range(top + 1):
        for place, one in enumerate(searches):
            if one.is_done or one.explored.open_at is not None:
                continue
            left = sum(not s.is_done and s.explored.open_at is None for s in searches[place:])
            now = cpu_budget.spent()
            if _is_used_up(end) and not one.explored.schedules:
                one.leave_out()
                yield _of(cases[place], one.result())
                continue
            if level and now >= end and one.spare is None:  # what is kept in reserve is shown in the end
                one.leave_open(level)
            else:
                one.explore(level, now + max(0.0, end - now) / left, at_last, cpu_budget.STARTING * budget)
            if one.found and fewer > 0:
                fewer = _with_fewer_messages(one, fewer)
            if one.is_done or one.explored.open_at is not None or level == top:
                yield _of(cases[place], one.result())


def _is_used_up(end: float) -> bool:
    """Whether a case of which nothing was run yet is not begun any more.

    Where the budget is over, each still has a schedule that may fail, unless those take too long.
    """
    spent = cpu_budget.spent()
    return spent >= end + AFTERWARDS or (spent >= end and cpu_budget.has_stuck_runs())


def _of(case: Case, result: Searched) -> Searched:
    """The result as one of the case that was given."""
    if result.case == case or result.replay is None:
        return replace(result, case=case)
    return replace(result, case=case, replay=replace(result.replay, by_order=True))
