"""Grading: runs a submission's cases on the machine's cores, judges each, and adds them up."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from math import inf
from pathlib import Path
from queue import SimpleQueue

from grader.cases.model import Case
from grader.cases.select import INTERLEAVING
from grader.checks.judge import NO_PROXY
from grader.conversation.farewell import names_in, take_away
from grader.conversation.interrupts import interrupts_to
from grader.conversation.node_process import prepare
from grader.conversation.patience import Shown
from grader.conversation.submission import Submission
from grader.grading.conversations import NO_CASE, Conversations, Inbox
from grader.grading.doubts import Doubts
from grader.grading.exploring_thread import Exploration
from grader.grading.hidden import for_learners
from grader.grading.places import CasePlaces, cores
from grader.grading.results import Grade, Result, not_begun, points_to_have
from grader.grading.so_far import SoFar
from grader.sandbox.begin import lacks

UNSHARED = ("did-not-start", "crashed")  # what a node may do that can't run twice at the same time
DOUBTS = 3  # so many of those, and one is run again, alone, before any other is begun
BUDGET_S = 4.0  # CPU seconds for all cases that are explored
FIRST = 2  # cases that come before those that wait long
RUNS_OF_A_LATE_CASE = 3  # it fails only if all of them show the same lateness


def grade(
    submission: Submission,
    cases: Sequence[Case],
    *,
    slow: float = 1.0,
    seed: int = 0,
    asked_for: Iterable[str] = (),
    jobs: int | None = None,
    budget: float = BUDGET_S,
    fail_fast: bool = False,
    on_result: Callable[[Result], None] | None = None,
    on_settled: Callable[[Result], None] | None = None,
    on_begin: Callable[[Callable[[], None]], None] | None = None,
    on_waiting: Callable[[Sequence[Result]], None] | None = None,
    reveal: bool = False,
) -> Grade:
    """Run all cases and judge them. `on_result` is told each result, in the order of the cases;
    `on_settled` each that stands, at once.

    `slow` multiplies every time limit; `jobs` is how many cases run at once (if it is not given, one a core,
    and beside them those that only wait); `fail_fast` ends with the first case that fails;
    `budget` are the CPU seconds in which all cases of `interleaving` are explored; `reveal` shows of hidden
    cases all that is known, for those who wrote them; `on_begin` is given what ends the grading early.
    On Ctrl-C, or a signal to end, every node is ended and the grade holds what is known, marked as interrupted.
    """
    began = time.monotonic()
    prepare()
    shown = _all_of_it if reveal else for_learners
    tell = (lambda result: on_result(shown(result))) if on_result else None
    run = _Grading(submission, cases, slow, budget * slow, seed, tell, jobs, fail_fast)
    run.on_settled = (lambda result: on_settled(shown(result))) if on_settled else None
    tell_all = (lambda results: on_waiting([*map(shown, results)])) if on_waiting else None
    run.so_far = SoFar(tell_all, partial(run.inbox.put, (NO_CASE, None)))
    interrupted = False

    def interrupt() -> None:
        run.inbox.put((NO_CASE, KeyboardInterrupt()))

    if on_begin:
        on_begin(interrupt)
    with interrupts_to(interrupt):
        try:
            run.all()
        except KeyboardInterrupt:
            interrupted = True
        finally:
            run.stop()
        run.tell_the_rest()
    return Grade(
        submission.name,
        tuple(shown(result) for result in run.results if result is not None),
        points_to_have(cases, run.results),
        time.monotonic() - began,
        seed,
        interrupted,
        tuple(Path(name).stem for name in asked_for),
        tuple(run.faults),
        submission.policy.strength,
        lacks(submission.policy),
    )


class _Grading:
    """One grading under way: who runs what, what is known, and what may be told."""

    def __init__(
        self,
        submission: Submission,
        cases: Sequence[Case],
        slow: float,
        budget: float,
        seed: int,
        on_result: Callable[[Result], None] | None,
        jobs: int | None,
        fail_fast: bool,
    ) -> None:
        self.submission, self.cases, self.slow, self.on_result = submission, cases, slow, on_result
        self.budget, self.seed, self.fail_fast = budget, seed, fail_fast
        self.todo: deque[int] = deque()  # places of cases to be run
        self.repeated: set[int] = set()  # places of cases whose node waited for ever at the first run
        self.confirmed: int | None = None  # which late case is being run again, before others begin
        self.late_runs = 0  # of that one
        self.results: list[Result | None] = [None] * len(cases)
        self.seen: dict[int, Result] = {}  # what a case has shown last, whether that stands or not
        self.told = 0
        self.on_settled: Callable[[Result], None] | None = None
        self.so_far = SoFar()
        self.faults: list[str] = []  # appended to by any worker
        self.inbox: Inbox = SimpleQueue()
        self.conversations = Conversations(submission, slow, self.inbox, self.faults)
        self.places = CasePlaces(jobs or cores(), exactly=jobs is not None)
        self.doubts = Doubts()
        self.heard_init = False  # whether any node answered init while its input was open
        self.suspect: Result | None = None  # a node that did not answer init, while others run that may
        self.suspected = -1  # its case's place
        self.silent: Result | None = None  # the first init that was not answered: no case is begun after
        self.shares: bool | None = None  # whether nodes can run side by side; None: not doubted so far
        self.owned = names_in(submission.folder)  # the learner's own files, which nobody takes away
        self.held: set[str] = set()  # in its folder by a node that runs: one that is killed leaves it there
        self.to_explore = [place for place, case in enumerate(cases) if case.file == INTERLEAVING]
        self.exploration: Exploration | None = None

    def all(self) -> None:
        """Every case once, those that wait by the clock first; then again, alone, those that were in doubt."""
        to_run = [place for place in range(len(self.cases)) if place not in self.to_explore]
        self.todo.extend(sorted(to_run, key=self.urgency))
        while (self.todo or self.places.running) and not self.is_over:
            while self.todo and self.places.have_room() and not self.is_held:
                self.begin(self.todo.popleft())
            self.confirm_lateness()
            if self.places.running:
                place, came = self.next()
                if came is not None:
                    self.take(place, came)
            else:
                self.settle_doubts()
        self.explore_the_rest()
        self.conversations.is_hurried = False  # who is run again is given all its time
        while not self.is_over and (doubted := self.doubts.next()) is not None:
            self.run_again(doubted)

    def urgency(self, place: int) -> float:
        """Who comes early, as a key: the first cases say most, and the first of `rpc` whether others count."""
        return -inf if place < FIRST or self.decides_for_rpc(place) else -self.cases[place].waits_ms

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be run: a case has failed, and the first that fails was to be the last."""
        return self.fail_fast and any(result and result.status == "failed" for result in self.results)

    @property
    def is_held(self) -> bool:
        """Whether no case is begun until those that run have ended: what they show decides how to go on."""
        doubted = self.shares is None and len(self.doubts.shared()) >= (1 if self.fail_fast else DOUBTS)
        is_suspect = self.suspect is not None and self.silent is None
        return doubted or is_suspect or self.confirmed is not None or self.doubts.often_late() is not None

    def next(self) -> tuple[int, Result | None]:
        """Wait for the next event. Returns its place, and the result if a case has ended."""
        place, came = self.inbox.get()
        if isinstance(came, BaseException):
            raise came
        if place == NO_CASE:
            self.take_what_was_explored()
            self.tell()
        elif isinstance(came, Result):
            self.places.end(place)
            return place, came
        elif came is not None and place in self.places.running:
            self.places.leave(place, computes=came is Shown.COMPUTES)
        return place, None

    def take(self, place: int, result: Result) -> None:
        """A case has ended: what it has shown counts, if nothing speaks against it."""
        self.seen[place] = result
        self.held |= result.held - self.owned
        if was_confirmed := place == self.confirmed:
            if self.is_late_again(result):
                self.begin(place)
                return
            self.confirmed = None
        if result.answered_live:
            self.heard_init, self.suspect = True, None
            self.places.trust()
            if self.held:
                self.stop_exploring()  # it would hold that, too, all the time
            elif self.shares is not False:
                self.start_exploring()
        leading = result.findings[0] if result.findings else None
        ends_so_alone = self.shares and self.doubts.is_shown(result)
        may_not_share = leading is not None and leading.code in UNSHARED and place in self.places.met
        is_unsure = may_not_share and not ends_so_alone
        is_dumb = result.is_silent and not self.heard_init
        if is_dumb and self.silent is None and (self.suspect is None or place < self.suspected):
            self.suspect, self.suspected = result, place
        if not is_unsure and self.doubts.see(place, result):
            self.conversations.hurry()
        is_cut = leading is not None and result.cut_short
        is_known = was_confirmed or self.doubts.is_shown(result)
        if is_unsure:
            self.doubts.add(place, result, "shared")
        elif (result.is_late and not was_confirmed) or is_cut:
            self.doubts.add(place, result, "late" if result.is_late and not is_cut else "hurried")
        elif result.rests and place not in self.repeated and not (is_known or is_dumb):
            self.repeated.add(place)
            self.todo.appendleft(place)  # soon: a look at a node may have erred
        else:
            self.doubts.show(result)
            self.settle(place, result)
        for known_place, known in self.doubts.settled():
            self.settle(known_place, known)

    def confirm_lateness(self) -> None:
        """Where cases are late in one way, run one of them again soon, while no other's node computes: nobody
        need wait for the end to be told of it.
        """
        late = self.doubts.often_late()
        if late is not None and self.confirmed is None and self.places.are_quiet():
            del self.doubts.of[late]
            self.confirmed, self.late_runs = late, 1
            self.begin(late)

    def is_late_again(self, result: Result) -> bool:
        self.late_runs += 1
        return result.is_late and self.late_runs < RUNS_OF_A_LATE_CASE

    def settle(self, place: int, result: Result) -> None:
        self.results[place] = result
        if self.on_settled and (result.case.file != "rpc" or self.has_proxy):
            self.on_settled(result)
        self.tell()

    @property
    def has_proxy(self) -> bool:
        """Whether the first case of the suite `rpc` has shown that the others of it stand for themselves."""
        first = next((result for place, result in enumerate(self.results) if self.decides_for_rpc(place)), None)
        return first is not None and first.note != NO_PROXY

    def settle_doubts(self) -> None:
        """Nobody runs. Does a node start alone that did not beside others? Does none answer init?"""
        unsure = self.doubts.shared()
        if unsure and self.shares is None:
            self.stop_exploring()
            before = self.doubts.of[min(unsure)].result
            result = self.run_again(min(unsure))
            self.shares = bool(result.findings) and result.findings[0].code == before.findings[0].code
            if not self.shares:
                self.places = CasePlaces(1, exactly=True)
            self.suspect = result if result.is_silent and not self.heard_init else None
        if self.suspect is not None:
            self.silent = self.suspect
            for place, doubt in self.doubts.of.items():
                self.settle(place, doubt.result)
            self.doubts.of.clear()

    def run_again(self, place: int) -> Result:
        """Run a case that was in doubt again, alone. A late one only counts if it is late each time."""
        late_before = self.doubts.of.pop(place).why == "late"
        for _ in range(RUNS_OF_A_LATE_CASE - late_before):
            result = self.run_alone(place)
            if not result.is_late:
                break
        self.doubts.show(result)
        self.settle(place, result)
        for known_place, known in self.doubts.settled():
            self.settle(known_place, known)
        return result

    def run_alone(self, place: int) -> Result:
        self.begin(place)
        while True:
            came_of, came = self.next()
            if came_of == place and came is not None:
                self.heard_init |= came.answered_live
                self.held |= came.held - self.owned
                return came

    def begin(self, place: int) -> None:
        """Run a case, unless no node of this submission answers init."""
        self.take_away_what_is_left()
        self.places.begin(place)
        if self.silent is not None:
            self.inbox.put((place, not_begun(self.cases[place], self.silent)))
        else:
            self.conversations.begin(
                place,
                self.cases[place],
                self.decides_for_rpc(place),
                has_all_its_time=place == self.confirmed,
            )

    def take_away_what_is_left(self) -> None:
        """What nodes hold, and leave behind when they are killed, goes, once none of them runs."""
        if self.held and not self.places.running and (self.exploration is None or self.exploration.is_over):
            take_away(self.submission.folder, self.held)

    # The explorer, beside the cases.

    def start_exploring(self) -> None:
        """Let the explorer run its cases, if it doesn't."""
        if self.to_explore and self.exploration is None:
            cases = {place: self.cases[place] for place in self.to_explore}
            tell = partial(self.inbox.put, (NO_CASE, None))
            self.exploration = Exploration(self.submission, cases, self.budget, self.seed, tell)

    def stop_exploring(self) -> None:
        """End the exploration, and forget what it has shown: it begins anew when nobody else runs."""
        if self.exploration is not None:
            self.exploration.stop()
            self.exploration = None
            for place in self.to_explore:
                self.results[place] = None

    def explore_the_rest(self) -> None:
        """Wait for the exploration; where there was none so far, begin it now."""
        if self.silent is not None:
            for place in self.to_explore:
                self.settle(place, not_begun(self.cases[place], self.silent))
            return
        while not self.is_over and not all(self.results[place] for place in self.to_explore):
            self.take_away_what_is_left()
            self.start_exploring()
            self.next()
        if self.held and self.exploration is not None and not self.is_over:
            self.exploration.join()

    def take_what_was_explored(self) -> None:
        if self.exploration is None:
            return
        for place, result in list(self.exploration.results.items()):
            if self.results[place] is None:
                self.settle(place, result)
        if self.exploration.error is not None:
            raise self.exploration.error

    def decides_for_rpc(self, place: int) -> bool:
        """Whether this is the first case of the suite `rpc`: only there is error 10 an honest answer."""
        return next((p for p, case in enumerate(self.cases) if case.file == "rpc"), None) == place

    def tell(self) -> None:
        """Tell what is known, in the order of the cases; of `rpc` nothing before its first case."""
        while self.told < len(self.results) and (result := self.results[self.told]) is not None:
            first = next(r for r in self.results if r and r.case.suite == result.case.suite)
            if first.note == NO_PROXY and first is not result:
                result = replace(first, case=result.case, transcript=(), duration_s=0.0)
                self.results[self.told] = result
            self.told += 1
            if self.on_result:
                self.on_result(result)
        counts = self.has_proxy
        self.so_far.news(
            [result for result in self.results if result and (counts or result.case.file != "rpc")]
        )

    def tell_the_rest(self) -> None:
        """After an interrupt, or a case that was to be the last: what is known behind one that never ended."""
        while not self.inbox.empty():
            place, came = self.inbox.get()
            if isinstance(came, Result):
                self.results[place] = came
        explored = self.exploration.results if self.exploration else {}
        for place in range(self.told, len(self.results)):
            known = self.results[place] or explored.get(place) or self.seen.get(place)
            self.results[place] = result = known
            if result is not None and self.on_result:
                self.on_result(result)
        self.told = len(self.results)

    def stop(self) -> None:
        """End all nodes that still run, and wait until they are gone."""
        self.so_far.end()
        self.conversations.stop()
        if self.exploration:
            self.exploration.stop()
            self.faults.extend(fault for fault in self.exploration.faults if fault not in self.faults)
        self.conversations.join()
        take_away(self.submission.folder, self.held)


def _all_of_it(result: Result) -> Result:
    return result
