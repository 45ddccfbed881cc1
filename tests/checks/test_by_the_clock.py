"""On the explorer's clock, an answer comes when all is there that it needs."""

from dataclasses import replace

import pytest

from grader.cases.model import Case
from grader.checks.judge import judge
from grader.conversation.transcript import Transcript
from tests.conversations import case, expect, init, init_ok, message, play, send

WAITS = case(
    send(init()),
    expect(init_ok()),
    send(message("c1", "n1", type="proxy", msg_id=1, target="n2", inner={"type": "q"})),
    expect(message("n1", "n2", type="q", msg_id={"$bind": "m"})),
    send(message("n2", "n1", type="q_ok", in_reply_to="$m")),
    expect(message("n1", "c1", type="proxy_ok", in_reply_to=1, result={"type": "q_ok", "in_reply_to": "$m"})),
)
ASKS = message("n1", "n2", type="q", msg_id=5)
DONE = message("n1", "c1", type="proxy_ok", in_reply_to=1, result={"type": "q_ok", "in_reply_to": 5})


def answered_after(milliseconds: float) -> Transcript:
    """A proxy whose peer replies at once, and that is answered so long after that."""
    events = play(WAITS, [init_ok(), ASKS, DONE])
    (done,) = [event.n for event in events if '"proxy_ok"' in event.line]
    return tuple(replace(event, t_ms=milliseconds if event.n >= done else 0.0) for event in events)


def in_suite(suite: str) -> Case:
    return replace(WAITS, suite=suite)


def test_an_answer_that_comes_only_because_time_ran_out_is_none() -> None:
    (finding,) = judge(in_suite("interleaving"), answered_after(1000.0)).findings
    assert (finding.code, finding.by_clock) == ("no-reply", True)
    assert finding.cause is not None
    assert finding.cause.kind == "wait"
    assert "only 1000 ms after its peer had replied" in finding.message
    assert "call_soon_threadsafe" in finding.hint


@pytest.mark.parametrize("milliseconds", [0.0, 300.0, 600.0])
def test_short_waits_that_run_out_are_no_reason(milliseconds: float) -> None:
    assert judge(in_suite("interleaving"), answered_after(milliseconds)).findings == ()


def test_in_a_conversation_a_busy_machine_may_take_its_time() -> None:
    assert judge(in_suite("rpc"), answered_after(1000.0)).findings == ()
