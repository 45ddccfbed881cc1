"""What a run shows, by name: small runs written by hand, and the same runs where the name would not be true."""

from dataclasses import replace

import pytest

from grader.explorer.diagnosis.diagnosis import Diagnosis
from grader.explorer.diagnosis.misconceptions import catalogue
from grader.explorer.diagnosis.outcome import cause
from grader.explorer.diagnosis.patterns import PATTERNS, diagnose
from grader.explorer.runtime.resources import Resource
from grader.explorer.trace.model import Awaited, Crash, Op, Run, Step
from tests.explorer.diagnosis.test_evidence import LOST_UPDATE, RING, TIMED_OUT, signal
from tests.explorer.diagnosis.written import C1, C2, INIT, came, found, lock, run, stand, step, went

FETCHING = Awaited(Resource.QUEUE, "inbox")


def shown(failing: Run, *races: tuple[int, int], passes: bool = True) -> tuple[str, str | None]:
    """Code and name of the diagnosis."""
    diagnosis = diagnose(found(failing, *races, passes=passes))
    return diagnosis.code, diagnosis.misconception.name if diagnosis.misconception else None


def holding(failing: Run, *held: tuple[str, ...]) -> Run:
    """The same run, with these locks held at each step."""
    steps = (replace(one, held=names) for one, names in zip(failing.steps, held, strict=True))
    return replace(failing, steps=tuple(steps))


def test_a_lost_update_without_a_lock() -> None:
    assert shown(LOST_UPDATE, (0, 2)) == ("data-race", "nobody-comes-between")


def test_a_test_that_is_old_when_it_is_acted_on() -> None:
    tested = replace(LOST_UPDATE, sources=(("node.py", ("if n:", "    n = 2")),))
    assert shown(tested, (0, 2)) == ("data-race", "check-then-act")


def test_a_read_outside_the_lock() -> None:
    outside = holding(LOST_UPDATE, (), (), ("a",), ("a",))
    assert shown(outside, (0, 2)) == ("data-race", "read-outside-the-lock")


def test_two_locks_for_one_datum() -> None:
    two = holding(LOST_UPDATE, ("a",), ("b",), ("b",), ("a",))
    two = replace(two, sources=(("node.py", ("a = Lock()", "b = Lock()")),))
    assert shown(two, (0, 2)) == ("data-race", "two-locks-for-one-datum")


def test_one_lock_around_all_has_no_name_and_no_advice_to_take_a_lock() -> None:
    locked = holding(LOST_UPDATE, ("a",), ("a",), ("a",), ("a",))
    diagnosis = diagnose(found(locked, (0, 2)))
    assert diagnosis.misconception is None
    assert "order" in diagnosis.fix


def test_a_flag_that_is_asked_outside_the_lock_under_which_it_is_set() -> None:
    """Who was to write has said that nobody does; another begins, and the first one goes on all the same."""
    failing = run(
        step("T1", "write", "writing", 4, value="True", written="False", held=("order",)),
        step("T2", "read", "ended[3]", 6, value="nothing", held=("order",)),
        step("T2", "write", "writing", 2, value="False", written="True", held=("order",)),
        step("T1", "read", "writing", 3, value="True"),
        step("T1", "write", "ended[3]", 6, value="nothing", written="1", held=("order",)),
        step("T2", "read", "ended[3]", 6, value="1", held=("order",)),
        step("T2", "out", line=5, event=2),
        outcome="wrong-order",
        events=(2,),
        transcript=(came(0, C1), came(1, INIT), went(2, C1)),
        source="\n\nwhile writing:\n    pass",
    )
    diagnosis = diagnose(found(failing, (0, 2)))
    assert diagnosis.misconception == catalogue()["read-outside-the-lock"]
    assert "writing" in diagnosis.sentence
    assert "ended" not in diagnosis.sentence


def test_init_that_comes_second_though_both_hold_the_lock() -> None:
    failing = run(
        step("T1", "read", "name", 2, value="None", held=("lock",)),
        step("T0", "write", "name", 3, value="None", written="'n1'", held=("lock",)),
        outcome="before-init",
        transcript=(came(0, INIT), came(1, C1)),
    )
    assert shown(failing, (0, 1)) == ("data-race", "init-beside-the-rest")
    reader = replace(
        failing, steps=tuple(replace(s, worker=s.worker.replace("T0", "main")) for s in failing.steps)
    )
    assert shown(reader, (0, 1))[1] != "init-beside-the-rest" or reader.findings[0].code == "before-init"


def noted(*sent: object) -> Run:
    return run(
        *sent,  # type: ignore[arg-type]
        step("main", "read", "waiting[1]", 2, value="nothing"),
        step("T1", "write", "waiting[1]", 3, value="nothing", written="<Queue>"),
        outcome="wrong-type",
        transcript=(came(0, C1), went(1, C1), came(2, C1)),
        source="\nslot = waiting.pop(body['in_reply_to'], None)",
    )


def test_who_notes_only_once_it_has_sent() -> None:
    request = '{"src": "n1", "dest": "n2", "body": {"type": "echo", "msg_id": 1}}'
    sent = noted(step("T1", "out", line=1, event=1))
    sent = replace(sent, transcript=(sent.transcript[0], replace(sent.transcript[1], line=request)))
    assert shown(sent, (1, 2)) == ("data-race", "sent-before-noted")
    assert shown(noted(), (0, 1))[1] is None


def test_locks_in_opposite_order_and_one_taken_twice() -> None:
    assert shown(run(outcome="no-reply", stands=RING)) == ("deadlock", "opposite-lock-order")
    alone = stand("T1", Resource.LOCK, "a", 3, held=("a",))
    assert shown(run(outcome="no-reply", stands=[alone])) == ("deadlock", "lock-taken-twice")


def test_a_signal_that_nobody_heard_only_if_nobody_looked_since() -> None:
    assert shown(signal()) == ("deadlock", "signal-nobody-heard")
    assert shown(signal(step("T1", "read", "ready", 4, value="True")))[1] is None


def killed(kind: str, error: str, source: str = "") -> Run:
    crash = Crash("T1", C1, "node.py", 2, error, 0, kind)
    waits = stand("main", Resource.QUEUE, "work", 5, handler=None)
    steps = [step("T1", "fire", "slot", 2, kind=Resource.QUEUE)]
    return run(*steps, outcome="no-reply", crashes=[crash], stands=[waits], source=source)


def test_who_waits_for_a_handler_that_an_exception_ended_is_in_no_deadlock() -> None:
    failing = killed("KeyError", "KeyError: 'x'")
    assert shown(failing) == ("no-reply", "exception-dies-in-its-thread")
    assert diagnose(found(failing)).spot == ("node.py", 2)


def test_an_exception_that_nobody_shared_is_no_race() -> None:
    """Though something else raced."""
    failing = killed("Empty", "Empty", "try:\n    slot.get(timeout=1)\nexcept TimeoutError:\n    pass")
    racing = replace(failing, steps=(*failing.steps, *LOST_UPDATE.steps))
    racing = replace(racing, steps=tuple(replace(one, n=n) for n, one in enumerate(racing.steps)))
    assert shown(failing) == ("no-reply", "timeout-by-another-name")
    assert diagnose(found(racing)).crash is None or shown(racing)[0] == "no-reply"
    further_out = killed(
        "TimeoutError", "TimeoutError", "call()\ntry:\n    pass\nexcept queue.Empty:\n    pass"
    )
    crashes = tuple(replace(crash, callers=(("node.py", 3),)) for crash in further_out.crashes)
    assert shown(replace(further_out, crashes=crashes)) == ("no-reply", "timeout-by-another-name")
    assert shown(further_out)[1] == "exception-dies-in-its-thread"  # it is called from elsewhere
    caught_otherwise = killed("Empty", "Empty", "try:\n    slot.get(timeout=1)\nexcept KeyError:\n    pass")
    assert shown(caught_otherwise)[1] == "exception-dies-in-its-thread"


def awaiting(outcome: str, kind: Resource) -> Run:
    steps = [
        step("T1", "out", line=1, event=1, task=True),
        step("T2", "await", line=5, task=True, waits_for=Awaited(kind, "lock")),
        step("T1", "await", line=2, task=True, waits_for=Awaited(Resource.AWAITABLE)),
        step("T1", "out", line=3, event=1, task=True),
    ]
    return run(*steps, outcome=outcome, events=(1,), transcript=TIMED_OUT)


@pytest.mark.parametrize("outcome", ["blocked", "wrong-type"])
def test_a_lock_held_across_an_await(outcome: str) -> None:
    assert shown(awaiting(outcome, Resource.LOCK)) == (outcome, "lock-held-while-waiting")
    assert shown(awaiting(outcome, Resource.QUEUE))[1] is None


def test_an_event_that_several_wait_for_is_to_be_one_a_request() -> None:
    event = Awaited(Resource.EVENT, "event")
    of_t2 = step("T2", "wait", "event", 2, kind=Resource.EVENT, waits_for=event)
    steps = [
        step("main", "wake", "event", 7, kind=Resource.EVENT, handler=None),
        step("T1", "wait", "event", 2, kind=Resource.EVENT, waits_for=event),
        step("T1", "out", line=3, event=1),
        of_t2,
    ]
    shared = run(*steps, outcome="blocked", events=(1,), transcript=TIMED_OUT)
    assert "one for each request" in diagnose(found(shared)).fix
    alone = run(*steps[:-1], outcome="blocked", events=(1,), transcript=TIMED_OUT)
    assert "gave up instead" in diagnose(found(alone)).sentence
    assert "one for each request" not in diagnose(found(alone)).fix


def test_a_queue_that_was_never_drained() -> None:
    put = step("main", "put", "inbox", 2, kind=Resource.QUEUE, value="{}")
    assert shown(run(put, outcome="lost-at-eof")) == ("lost-at-eof", "queue-never-drained")


def test_a_task_that_nobody_awaits_and_one_that_fetches() -> None:
    steps = [
        step("Main", "await", line=1, task=True, handler=None),
        step("T1", "await", line=2, task=True),
        step("Main", "end", task=True, handler=None),
        step("T1", "end", task=True),
    ]
    assert shown(run(*steps, outcome="lost-at-eof")) == ("lost-at-eof", "task-nobody-awaits")
    steps[1] = replace(steps[1], waits_for=FETCHING)
    assert shown(run(*steps, outcome="lost-at-eof")) == ("lost-at-eof", "queue-never-drained")


def test_a_line_in_pieces_and_one_lock_of_two() -> None:
    torn = run(
        step("T1", "write", "stdout", 1, written="'{'", kind=Resource.STDOUT),
        step("T2", "write", "stdout", 1, written="'{}\\n'", kind=Resource.STDOUT),
        outcome="torn-line",
    )
    assert shown(torn, (0, 1)) == ("data-race", "message-in-pieces")
    diagnosis = diagnose(found(holding(torn, ("out",), ()), (0, 1)))
    assert diagnosis.misconception is None
    assert "Hold out" in diagnosis.fix


def test_a_lock_that_was_waited_for_is_found_by_its_kind() -> None:
    """A semaphore of the same name holds nobody up as a lock does."""
    steps = [
        step("T1", "fire", "slot", 3, kind=Resource.QUEUE, held=("gate",)),
        step("T1", "out", line=4, event=1),
        lock("T2", "acquire", "gate", 5, waits_for=Awaited(Resource.LOCK, "gate")),
    ]
    held_up = run(*steps, outcome="blocked", events=(1,), transcript=TIMED_OUT)
    assert shown(held_up) == ("blocked", "lock-held-while-waiting")
    others = (*held_up.steps[:2], replace(held_up.steps[2], waits_for=Awaited(Resource.EVENT, "gate")))
    assert shown(replace(held_up, steps=others))[1] is None


def test_a_signal_before_what_it_is_for() -> None:
    """Of a lock only where another had taken it, to wait at it: who lets go of its own gives no signal."""
    waited = {"waits_for": Awaited(Resource.LOCK, "latch")}
    early = run(
        lock("T1", "acquire", "latch", 1),
        lock("main", "release", "latch", 2, handler=None),
        lock("T1", "acquire", "latch", 3, **waited),
        step("T1", "read", "slot", 4, value="None"),
        step("main", "write", "slot", 5, value="None", written="7", handler=None),
        outcome="wrong-payload",
    )
    diagnosis = diagnose(found(early, (3, 4)))
    assert (diagnosis.code, diagnosis.misconception) == ("data-race", None)
    assert "let go of latch (line 2) before it wrote 7 to slot (line 5)" in diagnosis.sentence
    assert diagnosis.fix.startswith("First put there")
    guard = replace(early.steps[0], worker="main", handler=None)
    guarded = replace(early, steps=(guard, *early.steps[1:]))
    assert not diagnose(found(guarded, (3, 4))).fix.startswith("First put there")


def cleared(who: str) -> Run:
    table = {"owner": 9, "datum": 90}
    return run(
        step("T1", "write", "slots[2]", 1, value="nothing", written="<Queue>", owner=9),
        step(who, "write", "slots", 2, value="{2: <Queue>}", written="{}", whole=True, **table),
        step("main", "write", "slots[2]", 3, value="nothing", written="nothing", owner=9, handler=None),
        step("T1", "out", line=4, event=2),
        outcome="wrong-type",
        events=(2,),
        transcript=(came(0, C1), came(1, INIT), went(2, C1)),
    )


def test_a_table_that_another_cleared() -> None:
    diagnosis = diagnose(found(cleared("T2"), (0, 1)))
    assert diagnosis.code == "data-race"
    assert "c2's handler took all out of slots (line 2)" in diagnosis.sentence
    assert "by its key" in diagnosis.fix
    assert "by its key" not in diagnose(found(cleared("T1"), (0, 2))).fix


def written_later(*, held: tuple[str, ...]) -> Run:
    return run(
        lock("T1", "acquire", "lock", 1),
        lock("T1", "release", "lock", 1),
        lock("T2", "acquire", "lock", 1),
        lock("T2", "release", "lock", 1),
        step("T2", "out", line=2, event=2),
        step("T1", "out", line=2, event=3, held=held),
        outcome="wrong-order",
        events=(2, 3),
        transcript=(came(0, C1), came(1, INIT), went(2, C1), went(3, C1)),
    )


def test_a_lock_let_go_before_the_line_is_written() -> None:
    diagnosis = diagnose(found(written_later(held=())))
    assert diagnosis.code == "wrong-order"
    assert "c1's handler let go of lock (line 1) before it wrote (line 2)" in diagnosis.sentence
    assert "hold lock" in diagnosis.fix
    assert "hold lock" not in diagnose(found(written_later(held=("out",)))).fix


def test_a_lock_that_was_asked_for_and_not_had() -> None:
    asked = [
        lock("T1", "acquire", "gate", 1),
        replace(LOST_UPDATE.steps[0], held=("gate",)),
        lock("T2", "fire", "gate", 1, waits_for=Awaited(Resource.LOCK, "gate")),
        *LOST_UPDATE.steps[1:3],
        replace(LOST_UPDATE.steps[3], held=("gate",)),
    ]
    gone_in = replace(LOST_UPDATE, steps=tuple(replace(one, n=n) for n, one in enumerate(asked)))
    diagnosis = diagnose(found(gone_in, (1, 4)))
    assert diagnosis.misconception is None
    assert "had not got gate (line 1)" in diagnosis.sentence
    assert "acquire said True" in diagnosis.fix
    had = replace(
        gone_in, steps=tuple(replace(s, op="acquire") if s.op == "fire" else s for s in gone_in.steps)
    )
    assert "acquire said True" not in diagnose(found(had, (1, 4))).fix


def test_a_semaphore_that_lets_in_several() -> None:
    def entered(second: str) -> str:
        both = [
            step("T1", "acquire", "gate", 1, kind=Resource.SEMAPHORE),
            LOST_UPDATE.steps[0],
            step("T2", "acquire", second, 1, kind=Resource.SEMAPHORE),
            *LOST_UPDATE.steps[1:],
        ]
        failing = replace(LOST_UPDATE, steps=tuple(replace(one, n=n) for n, one in enumerate(both)))
        return diagnose(found(failing, (1, 4))).fix

    assert "let gate be a Lock" in entered("gate")
    assert "be a Lock" not in entered("other")


def test_a_lock_that_was_never_let_go() -> None:
    took = lock("T1", "acquire", "lock", 3)
    ended = replace(stand("T1", held=("lock",)), state="ended")
    waits = stand("T2", Resource.LOCK, "lock", 5)
    diagnosis = diagnose(found(run(took, outcome="blocked", stands=[ended, waits])))
    assert (diagnosis.code, diagnosis.misconception) == ("blocked", None)
    assert "took lock (line 3) and ended without letting it go" in diagnosis.sentence
    assert "by `with`" in diagnosis.fix
    lets_go = replace(ended, held=())
    assert "by `with`" not in diagnose(found(run(took, outcome="blocked", stands=[lets_go, waits]))).fix


def test_a_container_that_is_changed_while_somebody_goes_through_it() -> None:
    failing = killed("RuntimeError", "RuntimeError: Set changed size during iteration")
    assert "through a copy" in diagnose(found(failing)).fix
    assert "through a copy" not in diagnose(found(killed("RuntimeError", "RuntimeError: no"))).fix


def test_one_worker_for_all_and_one_of_several() -> None:
    def held_up(*others: str) -> str:
        steps = [
            *(step(worker, "get", "work", 1, kind=Resource.QUEUE) for worker in ("T1", *others)),
            step("main", "put", "work", 2, kind=Resource.QUEUE, value="{}", handler=None),
            step("T1", "fire", "slot", 3, kind=Resource.EVENT),
            step("T1", "out", line=4, event=1),
        ]
        return diagnose(found(run(*steps, outcome="blocked", events=(1,), transcript=TIMED_OUT))).fix

    assert "All in work waits for one worker" in held_up()
    assert "one worker" not in held_up("T2")


def test_who_found_the_lock_taken_and_left_what_it_had_put_there() -> None:
    steps = [
        lock("T2", "acquire", "lock", 1),
        step("T1", "put", "outbox", 2, kind=Resource.QUEUE, value="{}"),
        lock("T1", "try", "lock", 3),
    ]
    told = diagnose(found(run(*steps, outcome="no-reply")))
    assert "Wait for lock" in told.fix
    assert "Wait for lock" not in diagnose(found(run(*steps[:2], outcome="no-reply"))).fix


def test_a_permit_that_is_kept_while_its_holder_waits_for_a_peer() -> None:
    def waits_for(name: str) -> str:
        steps = [
            step("T1", "acquire", "lines", 1, kind=Resource.SEMAPHORE),
            step("T1", "fire", "slot", 3, kind=Resource.QUEUE),
            step("T1", "out", line=4, event=1),
            step(
                "T2", "acquire", name, 1, kind=Resource.SEMAPHORE, waits_for=Awaited(Resource.SEMAPHORE, name)
            ),
        ]
        return diagnose(found(run(*steps, outcome="blocked", events=(1,), transcript=TIMED_OUT))).fix

    assert "Give back the permit of lines" in waits_for("lines")
    assert "permit" not in waits_for("others")


def test_a_join_that_never_ends_though_all_was_fetched() -> None:
    waits = stand("main", Resource.QUEUE, "work", 1, handler=None)
    put = step("main", "put", "work", 2, kind=Resource.QUEUE, value="{}", handler=None)
    fetched = step("T1", "get", "work", 3, kind=Resource.QUEUE)

    def fix(*steps: Step, source: str = "work.join()", other: str = "work") -> str:
        stands = [waits, stand("T1", Resource.QUEUE, other, 4)]
        failing = run(*steps, outcome="hung-after-eof", stands=stands, source=source)
        return diagnose(found(failing, passes=False)).fix

    assert "task_done" in fix(put, fetched)
    assert "task_done" not in fix(put)
    assert "task_done" not in fix(put, fetched, source="work.get()")
    assert "task_done" not in fix(put, fetched, other="replies")


def slept(op: str, kind: Resource) -> Run:
    steps = [
        step("T1", "out", line=1, event=1, task=True),
        step("T2", op, "0.25 s", 5, task=True, kind=kind),  # type: ignore[arg-type]
        step("T1", "await", line=2, task=True, waits_for=Awaited(Resource.AWAITABLE)),
        step("T1", "out", line=3, event=1, task=True),
    ]
    return run(*steps, outcome="wrong-type", events=(1,), transcript=TIMED_OUT)


def test_who_sleeps_in_the_thread_of_the_loop_holds_up_the_others() -> None:
    assert shown(slept("fire", Resource.CLOCK)) == ("wrong-type", "blocking-call-in-the-loop")
    assert "slept (line 5)" in diagnose(found(slept("fire", Resource.CLOCK))).sentence
    assert shown(slept("await", Resource.CLOCK))[1] is None


def test_an_event_that_was_cleared_before_all_had_come() -> None:
    """That another heard it makes no difference; who heard it itself waits for the next one."""
    event = {"kind": Resource.EVENT}
    waits = stand("T1", Resource.EVENT, "gate", 4, held=("lock",))

    def told(hears: str, clears: str = "T2") -> Diagnosis:
        steps = [
            step("T2", "wake", "gate", 1, **event),
            step(hears, "wait", "gate", 2, **event),
            step(clears, "clear", "gate", 3, **event),
        ]
        return diagnose(found(run(*steps, outcome="no-reply", stands=[waits])))

    assert told("T0").misconception == catalogue()["signal-nobody-heard"]
    assert told("T1").misconception is None
    assert "c2's handler set gate (line 1) and cleared it (line 3)" in told("T0").sentence
    assert "c2's handler set gate (line 1) before c0's handler cleared it" in told("T0", "T0").sentence


def test_to_hold_no_lock_is_advised_only_where_somebody_stands_before_it() -> None:
    waits = stand("T1", Resource.EVENT, "gate", 4, held=("lock",))
    alone = diagnose(found(run(outcome="no-reply", stands=[waits])))
    behind = stand("T2", Resource.LOCK, "lock", 5)
    together = diagnose(found(run(outcome="no-reply", stands=[waits, behind])))
    assert alone.code == together.code == "deadlock"
    assert "Hold no lock" in together.fix
    assert "Hold no lock" not in alone.fix


def test_a_look_by_a_call_that_changed_nothing_and_one_in_a_match() -> None:
    looked = replace(LOST_UPDATE, sources=(("node.py", ("if view.get(1):", "    table[1] = n")),))
    steps = [
        replace(s, op="write", value="{}", written="{}", whole=True) if s.op == "read" else s
        for s in looked.steps
    ]
    assert shown(replace(looked, steps=tuple(steps)), (0, 2)) == ("data-race", "check-then-act")
    matched = replace(LOST_UPDATE, sources=(("node.py", ("match n:", "    case 1: n = 2")),))
    assert shown(matched, (0, 2)) == ("data-race", "check-then-act")


def test_the_last_pattern_matches_whatever_comes() -> None:
    diagnosis = diagnose(found(run(outcome="cross-talk"), passes=False))
    assert isinstance(diagnosis, Diagnosis)
    assert diagnosis.code == "cross-talk"
    assert diagnosis.fix
    assert len(PATTERNS) == len(set(PATTERNS))


def settled(source: str) -> str:
    """The fix for a future that was settled already in the last line of this source."""
    line = source.count("\n") + 1
    failing = run(
        step("T1", "read", "reply", line),
        outcome="crashed",
        crashes=(Crash("T1", C1, "node.py", line, "InvalidStateError: FINISHED", 0, "InvalidStateError"),),
        source=source,
    )
    return diagnose(found(failing)).fix


def test_who_has_asked_whether_a_future_is_done_is_not_told_to_ask() -> None:
    asked = "def take(f, reply):\n    if not f.done():\n        f.set_result(reply)"
    assert "done() before" in settled("def take(f, reply):\n    f.set_result(reply)")
    assert "done() before" in settled(asked.replace("f.done", "other.done"))
    assert "catch" in settled(asked)


def test_an_object_that_others_find_before_it_is_whole() -> None:
    failing = run(
        step("T1", "write", "codec", 4, value="None", written="<Codec>", owner=1),
        step("T2", "read", "codec", 7, value="<Codec>", owner=1),
        step("T2", "read", "codec.encode", 8, value="None", owner=2),
        step("T1", "write", "codec.encode", 5, value="None", written="<method>", owner=2),
        outcome="no-reply",
        events=(1,),
        crashes=(Crash("T2", C2, "node.py", 8, "TypeError: not callable", 2, "TypeError"),),
    )
    assert "whole" in diagnose(found(failing, (2, 3))).fix
    unknown = replace(failing, steps=(replace(failing.steps[0], worker="T0", handler=INIT), *failing.steps[1:]))
    diagnosis = diagnose(found(unknown, (2, 3)))
    assert "whole" not in diagnosis.fix
    assert "lock" in diagnosis.fix
    assert diagnosis.misconception is None, "to catch the exception mends no race"


@pytest.mark.parametrize(("op", "word"), [("read", "copy"), ("write", "lock")])
def test_a_container_that_changes_while_somebody_is_in_it(op: Op, word: str) -> None:
    """Who only goes through it can go through a copy; who changes it, as a heap or a sort does, can not."""
    failing = run(
        step("T2", op, "outbox", 3, whole=True),
        step("T1", "write", "outbox", 5, whole=True),
        outcome="no-reply",
        events=(1,),
        crashes=(
            Crash(
                "T2", C2, "node.py", 3, "RuntimeError: list changed size during iteration", 1, "RuntimeError"
            ),
        ),
    )
    assert word in diagnose(found(failing, (0, 1))).fix


def test_threads_that_begin_in_another_order_than_they_were_started_in() -> None:
    """Who came last was through before the first had begun; unless it waited, the order was made by nobody."""
    failing = run(
        step("T2", "read", "outbox", 3, value="[]"),
        step("T2", "write", "outbox", 4, value="[]", written="[2]"),
        step("T2", "out", line=5, event=2),
        step("T1", "read", "outbox", 3, value="[2]"),
        step("T1", "write", "outbox", 4, value="[2]", written="[1]"),
        step("T1", "out", line=5, event=3),
        outcome="wrong-order",
        events=(2, 3),
        transcript=(came(0, C1), came(1, C2), went(2, C2), went(3, C1)),
    )
    diagnosis = diagnose(found(failing, (1, 3)))
    assert diagnosis.code == "wrong-order"
    assert "began" in diagnosis.sentence
    waited = replace(failing.steps[0], op="wait", kind=Resource.EVENT)
    other = diagnose(found(replace(failing, steps=(failing.steps[0], waited, *failing.steps[1:])), (1, 3)))
    assert "began" not in other.sentence


def test_of_several_races_that_of_the_request_that_has_no_answer() -> None:
    failing = run(
        step("main", "read", "tasks", 9, value="1", handler=None),
        step("T0", "write", "tasks", 8, value="1", written="2"),
        step("T2", "read", "clients", 3, value="{}", whole=True),
        step("T1", "write", "clients", 5, value="{}", written="{1}", whole=True),
        outcome="no-reply",
        events=(1,),
        transcript=(came(0, C1), came(1, C2), went(2, C1)),
    )
    assert "clients" in diagnose(found(failing, (0, 1), (2, 3))).sentence


@pytest.mark.parametrize(("line", "kind"), [(9, "exception"), (0, "schedule")])
def test_an_exception_is_the_cause_where_a_line_of_the_nodes_own_raised_it(line: int, kind: str) -> None:
    """One that comes in the library's lines, of what it was given, says less than where the node stood."""
    crash = Crash("T1", None, "node.py", line, "TypeError: 'NoneType' object is not callable", 3)
    ended = Diagnosis("blocked", "T1 ended by TypeError.", (), None, "", "", crash)
    found = cause(ended, in_every_schedule=True)
    assert found is not None
    assert found.kind == kind
