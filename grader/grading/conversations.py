"""A submission's conversations under way: each case is played in a thread of its own, and judged."""

import tempfile
import threading
import time
import traceback
from functools import cached_property
from queue import SimpleQueue
from typing import TypeAlias

from grader.cases.model import Case
from grader.checks.causes.source.program import Source
from grader.checks.judge import NO_PROXY, Verdict, judge
from grader.conversation.driver import Conversation, Interrupted
from grader.conversation.exhausted import Exhausted, lack
from grader.conversation.patience import Shown
from grader.conversation.submission import Submission
from grader.conversation.transcript import Transcript
from grader.grading.reasons import (
    can_be_followed,
    fail_alike,
    is_without_reason,
    source_of,
    with_reason,
    with_source,
)
from grader.grading.results import NOT_TO_BLAME, Result, Status
from grader.grading.told import as_told
from grader.protocol.json_values import shorten
from grader.sandbox.run_folder import RunFolder, remove

OWN_FAULT = f"the grader itself failed; {NOT_TO_BLAME}"
NO_CASE = -1  # stands in the inbox for a case's place: the news is of no single case

# A case's place, and what came of it, or what its node is seen to do while it says nothing; with NO_CASE, None.
# An exception ends the grading.
Inbox: TypeAlias = SimpleQueue[tuple[int, Result | Shown | BaseException | None]]


class Conversations:
    """Plays cases. What comes of each goes into the inbox, by its place; our own faults into `faults`, too."""

    def __init__(self, submission: Submission, slow: float, inbox: Inbox, faults: list[str]) -> None:
        self.submission, self.slow, self.inbox, self.faults = submission, slow, inbox, faults
        self.folder = RunFolder(submission.policy.home)
        self.threads: list[threading.Thread] = []
        self.lock = threading.Lock()  # guards all that follows
        self.open: set[Conversation] = set()
        self.unhurried: set[Conversation] = set()  # of those
        self.stopped = False
        self.is_hurried = False  # so many cases have failed alike that the others may be cut short
        self.followed: set[str] = set()  # codes of late cases for whose reason was looked once more

    def begin(self, place: int, case: Case, decides_for_rpc: bool, *, has_all_its_time: bool = False) -> None:
        """Play a case. If it `decides_for_rpc`, error 10 is an honest answer: the suite is not attempted. One
        that `has_all_its_time` is not hurried.
        """
        args = place, case, decides_for_rpc, has_all_its_time
        thread = threading.Thread(target=self._work, args=args, daemon=True)
        self.threads.append(thread)
        thread.start()

    def hurry(self) -> None:
        """Let those that run, and those that are begun, wait less for a node that stands where others stood."""
        with self.lock:
            self.is_hurried = True
            for conversation in self.open - self.unhurried:
                conversation.hurry()

    def stop(self) -> None:
        """End all nodes that still run."""
        with self.lock:
            self.stopped = True
            for conversation in self.open:
                conversation.stop()

    def join(self) -> None:
        """Wait until all nodes are gone."""
        for thread in self.threads:
            thread.join()
        self.folder.close()

    def _work(self, place: int, case: Case, decides_for_rpc: bool, has_all_its_time: bool) -> None:
        try:
            result = self._play(place, case, decides_for_rpc, has_all_its_time)
            self.inbox.put((place, as_told(result, self.submission)))
        except Interrupted:
            return
        except Exception as error:  # a fault of ours: it is told as one, and the other cases go on
            if what := lack(error):
                self.inbox.put((NO_CASE, Exhausted(f"{what}; the node is not to blame")))
                return
            self.inbox.put((place, self._fault(case, error)))

    def _fault(self, case: Case, error: Exception) -> Result:
        """A case that the grader itself failed at: nobody can say whether the node is right."""
        self.faults.append("".join(traceback.format_exception(error)))
        line = "".join(traceback.format_exception_only(error)).strip()
        return Result(case, "not-attempted", note=f"{OWN_FAULT} ({shorten(line, 200)})")

    def _run(
        self, place: int, case: Case, *, has_all_its_time: bool = False, follows: bool = False
    ) -> tuple[Conversation, Transcript]:
        folder = tempfile.mkdtemp(dir=self.folder.name)
        conversation = Conversation(
            case,
            self.submission,
            folder,
            self.slow,
            lambda shown: self.inbox.put((place, shown)),
            follows=follows,
        )
        with self.lock:
            if self.stopped:
                raise Interrupted
            self.open.add(conversation)
            if has_all_its_time:
                self.unhurried.add(conversation)
            elif self.is_hurried:
                conversation.hurry()
        try:
            return conversation, conversation.run()
        finally:
            with self.lock:
                self.open.discard(conversation)
                self.unhurried.discard(conversation)
            remove(folder)

    @cached_property
    def source(self) -> Source | None:
        """The node's source, read when something has failed."""
        return source_of(self.submission)

    def _is_to_follow(self, verdict: Verdict) -> bool:
        """Whether to play it once more for the reason of its failure: not again and again of a late one."""
        if verdict.lacks_proxy or not can_be_followed(self.submission) or not is_without_reason(verdict):
            return False
        finding = verdict.findings[0]
        with self.lock:
            is_new = finding.code not in self.followed
            self.followed |= {finding.code} if finding.late else set()
            return not finding.late or (is_new and not self.is_hurried)

    def _follow(self, place: int, case: Case) -> Verdict | None:
        """What the case shows with the node followed; None if that can't be had: the verdict stands."""
        try:
            _, transcript = self._run(place, case, follows=True)
            return judge(case, transcript, self.submission.language)
        except (Interrupted, OSError):
            return None

    def _play(self, place: int, case: Case, decides_for_rpc: bool, has_all_its_time: bool) -> Result:
        began = time.monotonic()
        conversation, transcript = self._run(place, case, has_all_its_time=has_all_its_time)
        duration = time.monotonic() - began
        verdict = judge(case, transcript, self.submission.language)
        rests = conversation.rests
        if self._is_to_follow(verdict) and (followed := self._follow(place, case)) is not None:
            rests = rests and not fail_alike(verdict, followed)  # it was seen twice
            verdict = with_reason(verdict, followed)
        if verdict.findings and self.source is not None:
            verdict = with_source(verdict, self.source)
        if verdict.lacks_proxy and decides_for_rpc:
            return Result(
                case, "not-attempted", (), transcript, duration, NO_PROXY,
                used=conversation.used, held=conversation.held,
            )  # fmt: skip
        status: Status = "failed" if verdict.findings else "passed"
        return Result(
            case,
            status,
            verdict.findings,
            transcript,
            duration,
            answered_init=verdict.answered_init,
            answered_live=verdict.answered_live,
            rests=rests,
            cut_short=conversation.was_cut_short,
            held_up=conversation.was_held_up,
            used=conversation.used,
            held=conversation.held,
        )
