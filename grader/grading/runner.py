"""Grading: runs a submission's cases on the machine's cores, judges each, and adds them up."""

import os
import shutil
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from queue import SimpleQueue

from grader.cases.model import Case
from grader.cases.select import INTERLEAVING, select
from grader.checks.judge import NO_PROXY, judge
from grader.conversation.driver import Conversation, Interrupted
from grader.conversation.interrupts import Stop, interrupts_to
from grader.conversation.node_process import prepare
from grader.conversation.submission import Submission, from_command, from_file
from grader.grading.results import Grade, Result, Status
from grader.protocol.json_values import shorten

OWN_FAULT = "the grader itself failed; the node is not to blame"
WAITING = 4  # cases that only wait, beside those that have a core each
BUDGET_S = 5.0  # CPU seconds for all cases that are explored
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
    on_result: Callable[[Result], None] | None = None,
) -> Grade:
    """Run all cases and judge them. `on_result` is told each result, in the order of the cases.

    `slow` multiplies every time limit; `jobs` is how many cases run at once (the cores, if not given);
    `budget` are the CPU seconds in which all cases of `interleaving` are explored.
    On Ctrl-C, or a signal to end, every node is ended and the grade holds what is known, marked as interrupted.
    """
    began = time.monotonic()
    prepare()
    run = _Grading(submission, cases, slow, budget * slow, seed, on_result)
    interrupted = False
    with interrupts_to(lambda: run.inbox.put((-1, KeyboardInterrupt()))):
        try:
            run.all(jobs or _cores())
        except KeyboardInterrupt:
            interrupted = True
        finally:
            run.stop()
        run.tell_the_rest()
    return Grade(
        submission.name,
        tuple(result for result in run.results if result is not None),
        sum(case.points for case in cases),
        time.monotonic() - began,
        seed,
        interrupted,
        tuple(Path(name).stem for name in asked_for),
        tuple(run.faults),
    )


def submit(
    node: str | Sequence[str],
    suites: Sequence[str] = (),
    cases: Sequence[str] = (),
    *,
    seed: int = 0,
    slow: float = 1.0,
    python: str | None = None,
    budget: float = BUDGET_S,
    on_result: Callable[[Result], None] | None = None,
) -> Grade:
    """Grade a node: a file's name, or a command with its arguments as a list.

    `suites` are names or files (the default suites if there are none), `cases` the ids to run of them.
    `seed` renames what the cases say, `slow` multiplies every time limit, `python` is the interpreter for
    a `.py` file, `budget` the CPU seconds for the suite `interleaving`, `on_result` is told each result as it
    is known.

    Raises NotGradable, CaseFileError or NoSuchCase, each with a text that says what to do.
    """
    submission = from_file(node, python) if isinstance(node, str) else from_command(node)
    chosen = select(suites, cases, seed)
    return grade(submission, chosen, slow=slow, seed=seed, asked_for=suites, budget=budget, on_result=on_result)


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
    ) -> None:
        self.submission, self.cases, self.slow, self.on_result = submission, cases, slow, on_result
        self.budget, self.seed = budget, seed
        self.results: list[Result | None] = [None] * len(cases)
        self.told = 0
        self.folder = Path(tempfile.mkdtemp(prefix="grader-"))
        self.faults: list[str] = []  # appended to by any worker
        self.late: dict[int, Result] = {}  # to be run again
        self.lock = threading.Lock()  # guards open and stopped
        self.open: set[Conversation] = set()
        self.stopped = False
        self.threads: list[threading.Thread] = []
        self.exploring: Stop | None = None
        self.silent: Result | None = None  # the first init that was not answered: no case is begun after
        self.inbox: SimpleQueue[tuple[int, Result | BaseException]] = SimpleQueue()

    def all(self, jobs: int) -> None:
        """Every case once, those that wait by the clock first; then again, alone, those that were late."""
        to_explore = [place for place, case in enumerate(self.cases) if case.file == INTERLEAVING]
        order = sorted(
            (place for place in range(len(self.cases)) if place not in to_explore),
            key=lambda place: -self.cases[place].waits_ms,
        )
        late = self.late
        for place, result in self.batch(order, jobs, WAITING):
            if result.findings and result.findings[0].late:
                late[place] = result
            else:
                self.results[place] = result
                self.tell()
        for place in sorted(late):
            result = late[place]
            for _ in range(RUNS_OF_A_LATE_CASE - 1):
                if not (result.findings and result.findings[0].late):
                    break
                result = next(result for _, result in self.batch([place], 1))
            self.results[place] = result
            self.tell()
        if to_explore:
            self.explore(to_explore)

    def explore(self, places: Sequence[int]) -> None:
        """Let the explorer run these cases."""
        if self.silent is not None:
            for place in places:
                self.results[place] = not_begun(self.cases[place], self.silent)
            self.tell()
            return
        self.exploring = Stop()
        thread = threading.Thread(target=self.race, args=(places, self.exploring), daemon=True)
        thread.start()
        self.threads.append(thread)
        for _ in places:
            place, result = self.inbox.get()
            if isinstance(result, BaseException):
                raise result
            self.results[place] = result
            self.tell()

    def race(self, places: Sequence[int], stop: Stop) -> None:
        todo = list(places)

        def tell(result: Result) -> None:  # once it is interrupted, what is known comes with gaps
            place = next(place for place in todo if self.cases[place] == result.case)
            todo.remove(place)
            self.inbox.put((place, result))

        try:
            from grader.grading.exploration import race

            explored = race(
                self.submission,
                [self.cases[place] for place in places],
                budget=self.budget,
                seed=self.seed,
                on_result=tell,
                stop=stop,
            )
            self.faults.extend(explored.faults)
        except BaseException as error:  # a fault of ours: the main thread must hear of it
            self.inbox.put((-1, error))

    def batch(self, places: Sequence[int], jobs: int, waiting: int = 0) -> Iterable[tuple[int, Result]]:
        """Run these cases, `jobs` at a time; each result as it comes.

        A case that waits by the clock leaves its core to others: of those, `waiting` more at a time.
        """
        slow = [place for place in places if waiting and self.cases[place].waits_ms > 0]
        for queue, workers in ((slow, waiting), ([p for p in places if p not in slow], jobs)):
            todo: SimpleQueue[int | None] = SimpleQueue()
            for place in queue:
                todo.put(place)
            for _ in range(min(workers, len(queue))):
                todo.put(None)
                thread = threading.Thread(target=partial(self.work, todo), daemon=True)
                thread.start()
                self.threads.append(thread)
        for _ in places:
            place, result = self.inbox.get()
            if isinstance(result, BaseException):
                raise result
            yield place, result

    def work(self, todo: SimpleQueue[int | None]) -> None:
        while (place := todo.get()) is not None:
            try:
                self.inbox.put((place, self.case(place)))
            except Interrupted:
                return
            except Exception as error:  # a fault of ours: it is told as one, and the other cases go on
                self.inbox.put((place, self.fault(place, error)))

    def fault(self, place: int, error: Exception) -> Result:
        """A case that the grader itself failed at: nobody can say whether the node is right."""
        self.faults.append("".join(traceback.format_exception(error)))
        line = "".join(traceback.format_exception_only(error)).strip()
        return Result(self.cases[place], "not-attempted", note=f"{OWN_FAULT} ({shorten(line, 200)})")

    def case(self, place: int) -> Result:
        case = self.cases[place]
        if self.silent is not None:
            return not_begun(case, self.silent)
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        conversation = Conversation(case, self.submission, str(folder), self.slow)
        with self.lock:
            if self.stopped:
                raise Interrupted
            self.open.add(conversation)
        began = time.monotonic()
        try:
            transcript = conversation.run()
        finally:
            with self.lock:
                self.open.discard(conversation)
            shutil.rmtree(folder, ignore_errors=True)
        duration = time.monotonic() - began
        verdict = judge(case, transcript, self.submission.language)
        if verdict.lacks_proxy and self.decides_for_rpc(place):
            return Result(case, "not-attempted", (), transcript, duration, NO_PROXY)
        status: Status = "failed" if verdict.findings else "passed"
        result = Result(
            case, status, verdict.findings, transcript, duration, answered_init=verdict.answered_init
        )
        if result.is_silent:
            self.silent = result
        return result

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

    def tell_the_rest(self) -> None:
        """After an interrupt: what is known of cases behind one that never ended."""
        while not self.inbox.empty():
            place, came = self.inbox.get()
            if isinstance(came, Result):
                self.results[place] = came
        for place in range(self.told, len(self.results)):
            self.results[place] = result = self.results[place] or self.late.get(place)
            if result is not None and self.on_result:
                self.on_result(result)
        self.told = len(self.results)

    def stop(self) -> None:
        """End all nodes that still run, and wait until they are gone."""
        with self.lock:
            self.stopped = True
            for conversation in self.open:
                conversation.stop()
        if self.exploring:
            self.exploring.set()
        for thread in self.threads:
            thread.join()
        if self.exploring:
            self.exploring.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def not_begun(case: Case, silent: Result) -> Result:
    """The result of a case that is not begun, since the node did not answer init in another one."""
    finding = replace(silent.findings[0], events=(), follows=True)
    note = f"not begun: the node did not answer init in {silent.case.id}"
    return Result(case, "failed", (finding,), note=note, answered_init=False)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
