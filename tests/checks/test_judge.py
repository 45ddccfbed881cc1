"""The judge, without any process: what is found in a transcript, and which finding leads."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

import grader
from grader.cases.model import Case
from grader.checks.findings import CODES, PRECEDENCE, Finding
from grader.checks.judge import judge
from grader.conversation.transcript import Event
from grader.protocol.json_values import dumps
from tests.conversations import (
    CLOSE,
    case,
    echo,
    echo_ok,
    expect,
    init,
    init_ok,
    message,
    play,
    send,
)

LIVE = case(
    send(init()),
    expect(init_ok()),
    send(echo("c1", 1, "a"), echo("c2", 1, "b"), echo("c1", 2, "c")),
    expect(echo_ok("c1", 1, "a"), echo_ok("c2", 1, "b"), echo_ok("c1", 2, "c")),
)
ORDERED = case(
    send(init(), echo("c1", 2, "a"), echo("c2", 3, "b")),
    CLOSE,
    expect(init_ok(msg_id=0), echo_ok("c1", 2, "a", msg_id=1), echo_ok("c2", 3, "b", msg_id=2)),
    order="exact",
)
BEFORE_INIT = case(
    {"expect": init_ok(), "optional": True},
    send(echo("c1", 1, "a"), init()),
    expect(init_ok()),
)
ERRORS = case(
    send(init()),
    expect(init_ok()),
    send(message("c1", "n1", type="levitate", msg_id=1)),
    expect(message("n1", "c1", type="error", in_reply_to=1, code=10)),
)
BAD_LINE = case(
    send(init()),
    expect(init_ok()),
    {"send_raw": "nonsense\n"},
    send(echo("c1", 1, "a")),
    expect(echo_ok("c1", 1, "a")),
)
BLANK_LINE = case(
    send(init()),
    expect(init_ok()),
    {"send_raw": "  \n"},
    send(echo("c1", 1, "a")),
    expect(echo_ok("c1", 1, "a")),
)
BAD_OBJECT = case(
    send(init()),
    expect(init_ok()),
    {"send_raw": "[1]\n"},
    send(echo("c1", 1, "a")),
    expect(echo_ok("c1", 1, "a")),
)
PROXY_STEPS = (
    send(init()),
    expect(init_ok()),
    send(message("c1", "n1", type="proxy", msg_id=1, target="n2", inner={"type": "q"})),
    expect(message("n1", "n2", type="q", msg_id={"$bind": "m"})),
    send(echo("c2", 1, "quick")),
    expect(echo_ok("c2", 1, "quick")),
    send(message("n2", "n1", type="q_ok", in_reply_to="$m")),
    expect(message("n1", "c1", type="proxy_ok", in_reply_to=1, result={"type": "q_ok", "in_reply_to": "$m"})),
)
PROXY = case(*PROXY_STEPS)
WAITS = case(*PROXY_STEPS[:4], *PROXY_STEPS[6:])
SILENT_STEPS = (
    send(init()),
    expect(init_ok()),
    send(message("c1", "n1", type="proxy", msg_id=1, target="n2", inner={"type": "q"})),
    expect(message("n1", "n2", type="q", msg_id={"$bind": "m"})),
    expect(message("n1", "c1", type="error", in_reply_to=1, code=0)),
)
SILENT = case(*SILENT_STEPS)
QUICK = send(echo("c2", 1, "quick")), expect(echo_ok("c2", 1, "quick"))
LATE = case(*SILENT_STEPS, PROXY_STEPS[6], *QUICK)
TWICE = case(*PROXY_STEPS[:4], PROXY_STEPS[6], PROXY_STEPS[7], PROXY_STEPS[6], *QUICK)
REFUSED = case(
    *PROXY_STEPS[:4],
    send(message("n2", "n1", type="error", code=20, in_reply_to="$m")),
    expect(
        message(
            "n1",
            "c1",
            type="proxy_ok",
            in_reply_to=1,
            result={"type": "error", "code": 20, "in_reply_to": "$m"},
        )
    ),
)
LACKS = case(
    send(init()),
    expect(init_ok()),
    send(message("c1", "n1", type="proxy", msg_id=1, target="n2")),
    expect(message("n1", "c1", type="error", in_reply_to=1, code=12)),
)
ASKS = message("n1", "n2", type="q", msg_id=5)
DONE = message("n1", "c1", type="proxy_ok", in_reply_to=1, result={"type": "q_ok", "in_reply_to": 5})
A, B, C = echo_ok("c1", 1, "a"), echo_ok("c2", 1, "b"), echo_ok("c1", 2, "c")
OK0, A1, B2 = init_ok(msg_id=0), echo_ok("c1", 2, "a", msg_id=1), echo_ok("c2", 3, "b", msg_id=2)


def error(code: int) -> dict[str, object]:
    return message("n1", "c1", type="error", in_reply_to=1, code=code)


def codes(case: Case, *answers: object, then: str = "") -> list[str]:
    findings = judge(case, play(case, answers, then)).findings  # type: ignore[arg-type]
    assert all(finding.follows == (place > 0) for place, finding in enumerate(findings))
    for finding in findings:
        assert finding.message
        assert finding.hint
        assert finding.lesson
    return [finding.code for finding in findings]


def change(message: dict[str, object], **changes: object) -> dict[str, object]:
    """`message` with these keys of its body changed, or left out where the value is None."""
    body = {**message["body"], **changes}  # type: ignore[dict-item]
    return {**message, "body": {key: value for key, value in body.items() if value is not None}}


@pytest.mark.parametrize(
    ("case", "answers", "then"),
    [
        (LIVE, (init_ok(), A, B, C), ""),
        (LIVE, (init_ok(), C, B, A), ""),
        (LIVE, (init_ok(msg_id=7), change(A, msg_id=1), B, change(C, msg_id=99)), ""),
        (ORDERED, (OK0, A1, B2), "exit 0"),
        (ERRORS, (init_ok(), message("n1", "c1", type="error", in_reply_to=1, code=10)), ""),
        (BAD_LINE, (init_ok(), A), ""),
        (PROXY, (init_ok(), ASKS, echo_ok("c2", 1, "quick"), DONE), ""),
    ],
)
def test_a_right_node_is_not_accused(case: Case, answers: tuple[object, ...], then: str) -> None:
    assert codes(case, *answers, then=then) == []


@pytest.mark.parametrize(
    ("code", "case", "answers", "then"),
    [
        ("did-not-start", LIVE, (), "exit 1"),
        ("did-not-start", LIVE, (), "exit 0"),
        ("crashed", LIVE, (init_ok(), A), "exit 1"),
        ("crashed", LIVE, (init_ok(), A), "exit 0"),
        ("crashed", ORDERED, (OK0, A1, B2), "exit 1"),
        ("crashed", ORDERED, (OK0, A1, B2), "exit -9"),
        ("did-not-start", BEFORE_INIT, (), "exit 126"),
        ("no-reply", LIVE, (), "timeout"),
        ("no-reply", LIVE, (init_ok(), A, C), "timeout"),
        ("blocked", PROXY, (init_ok(), ASKS), "timeout"),
        ("blocked", PROXY, (init_ok(), ASKS, message("n1", "c1", type="error", in_reply_to=1, code=0)), ""),
        ("lost-at-eof", ORDERED, (OK0, A1), "exit 0"),
        ("lost-at-eof", ORDERED, (), "exit 0"),
        ("hung-after-eof", ORDERED, (OK0, A1, B2), ""),
        ("duplicate-reply", LIVE, (init_ok(), A, A), ""),
        ("duplicate-reply", LIVE, (init_ok(), A, change(A, echo="other")), ""),
        ("unasked-message", LIVE, (init_ok(), message("n1", "c1", type="hello")), ""),
        ("unasked-message", LIVE, (init_ok(), message("n1", "c7", type="x", in_reply_to=9)), ""),
        ("unasked-message", PROXY, (init_ok(), ASKS, ASKS), ""),
        ("wrong-address", LIVE, (init_ok(), {**A, "src": "n9"}), ""),
        ("wrong-address", LIVE, (init_ok(), {**A, "dest": "c9"}), ""),
        ("wrong-address", LIVE, (init_ok(), {**A, "src": "c1", "dest": "n1"}), ""),
        ("wrong-address", PROXY, (init_ok(), {**ASKS, "dest": "n3"}), ""),
        ("wrong-in-reply-to", LIVE, (init_ok(), change(A, in_reply_to=9)), ""),
        ("wrong-in-reply-to", LIVE, (init_ok(), change(A, in_reply_to=None)), ""),
        ("wrong-in-reply-to", LIVE, (init_ok(), change(A, in_reply_to="1")), ""),
        ("cross-talk", LIVE, (init_ok(), change(A, echo="c")), ""),
        ("cross-talk", LIVE, (init_ok(), {**A, "dest": "c2"}), ""),
        ("wrong-type", LIVE, (init_ok(), change(A, type="echo")), ""),
        ("wrong-type", LIVE, (init_ok(), message("n1", "c1", type="error", in_reply_to=1, code=10)), ""),
        ("wrong-type", SILENT, (init_ok(), ASKS, message("n1", "c1", type="timeout", in_reply_to=1)), ""),
        (
            "missing-error",
            SILENT,
            (init_ok(), ASKS, message("n1", "c1", type="error", in_reply_to=1, code=13)),
            "",
        ),
        ("wrong-payload", LIVE, (init_ok(), change(A, echo="A")), ""),
        ("wrong-payload", LIVE, (init_ok(), change(A, echo=None)), ""),
        ("wrong-payload", LIVE, (init_ok(), change(A, more=1)), ""),
        ("missing-msg-id", ORDERED, (OK0, change(A1, msg_id=None), B2), "exit 0"),
        ("missing-msg-id", PROXY, (init_ok(), change(ASKS, msg_id=None)), ""),
        ("duplicate-msg-id", LIVE, (init_ok(msg_id=0), change(A, msg_id=1), change(B, msg_id=1), C), ""),
        ("duplicate-msg-id", ORDERED, (OK0, A1, change(B2, msg_id=1)), "exit 0"),
        ("wrong-msg-id", ORDERED, (OK0, change(A1, msg_id=7), B2), "exit 0"),
        ("wrong-msg-id", LIVE, (init_ok(msg_id="zero"), A, B, C), ""),
        ("wrong-order", ORDERED, (OK0, change(B2, msg_id=1), change(A1, msg_id=2)), "exit 0"),
        ("wrong-order", ORDERED, (OK0, B2, A1), "exit 0"),
        ("before-init", ORDERED, (A1, OK0, B2), "exit 0"),
        ("before-init", LIVE, (message("n1", "c0", type="hello"),), ""),
        ("not-json", LIVE, (init_ok(), "got a message"), ""),
        ("not-json", LIVE, (init_ok(), "{'src': 'n1', 'body': {}}"), ""),
        ("not-json", LIVE, (init_ok(), '{"src": "n1", "dest": "c1"}'), ""),
        ("not-json", LIVE, (init_ok(), ""), ""),
        ("not-json", LIVE, (init_ok(), f"\ufeff{dumps(A)}"), ""),
        ("not-json", LIVE, (init_ok(), f"[{dumps(A)}]"), ""),
        ("not-json", LIVE, (init_ok(), f"INFO:root:{dumps(A)}"), ""),
        (
            "torn-line",
            LIVE,
            (init_ok(), '{"src": "n1", "dest": "c1", "body": {}}{"src": "n1", "dest": "c2", "body": {}}'),
            "",
        ),
        ("torn-line", LIVE, (init_ok(), '{"src": "n1", {"src": "n1", "dest": "c2", "body": {}}'), ""),
        ("torn-line", LIVE, (init_ok(), '"dest": "c2", "body": {}}'), ""),
        ("torn-line", LIVE, (init_ok(), dumps(A) + '{"s'), ""),
        ("bad-input", BAD_LINE, (init_ok(),), "exit 1"),
        ("bad-input", BAD_LINE, (init_ok(),), "timeout"),
        ("missing-error", ERRORS, (init_ok(),), "timeout"),
        ("missing-error", ERRORS, (init_ok(), message("n1", "c1", type="error", in_reply_to=1, code=12)), ""),
        ("missing-error", ERRORS, (init_ok(), message("n1", "c1", type="levitate_ok", in_reply_to=1)), ""),
    ],
)
def test_one_bug_gives_its_code(code: str, case: Case, answers: tuple[object, ...], then: str) -> None:
    assert codes(case, *answers, then=then)[0] == code


def test_what_comes_only_after_the_input_was_closed_was_held_back() -> None:
    events = list(play(LIVE, [init_ok()], "timeout"))
    for reply in (A, B, C):
        events.append(Event(len(events), float(len(events)), "out", dumps(reply)))
    assert judge(LIVE, tuple(events)).findings[0].code == "not-flushed"


def test_what_came_late_but_not_for_the_end_of_input_is_a_missing_reply() -> None:
    events = list(play(LIVE, [init_ok(), A, B], "timeout"))
    events.append(Event(len(events), float(len(events)), "out", dumps(C)))
    assert judge(LIVE, tuple(events)).findings[0].code == "no-reply"


def test_what_may_come_at_any_time_may_come_before_init_ok() -> None:
    hello = message("n1", "c0", type="hello", msg_id=9)
    greets = case(send(init()), expect(hello, optional=True), expect(init_ok()))
    assert codes(greets, hello, init_ok()) == []
    assert codes(greets, hello, hello)[0] in ("before-init", "unasked-message")


def test_an_end_that_is_not_judged_gives_no_finding() -> None:
    whole = play(LIVE, [init_ok(), A, B, C])
    assert judge(LIVE, whole).findings == ()


def test_processes_left_behind_are_found_where_the_node_ended_by_itself() -> None:
    events = list(play(ORDERED, [OK0, A1, B2]))
    events.append(Event(len(events), 9.0, "exit", status=0, left=("sleep 60 (pid 7)",)))
    (finding,) = judge(ORDERED, tuple(events)).findings
    assert finding.code == "left-processes"
    assert "sleep 60" in finding.message


def test_beyond_a_limit() -> None:
    events = list(play(LIVE, [init_ok()]))
    events.append(Event(len(events), 9.0, "limit", "output: more than 64 MiB"))
    assert judge(LIVE, tuple(events)).findings[0].code == "limit-exceeded"


def test_an_error_0_is_perhaps_late() -> None:
    gave_up = message("n1", "c1", type="error", in_reply_to=1, code=0)
    assert judge(PROXY, play(PROXY, [init_ok(), ASKS, gave_up])).findings[0].late
    assert not judge(PROXY, play(PROXY, [init_ok(), ASKS, change(gave_up, code=13)])).findings[0].late
    blocked = judge(PROXY, play(PROXY, [init_ok(), ASKS], "timeout"))
    assert not blocked.findings[0].late


def test_under_ignored_ids_only_the_nodes_own_requests_need_one() -> None:
    own = case(*PROXY_STEPS, msg_ids="ignored")
    quick = echo_ok("c2", 1, "quick", msg_id="any")
    assert codes(own, init_ok(msg_id=5), ASKS, quick, change(DONE, msg_id=5)) == []
    assert codes(own, init_ok(), change(ASKS, msg_id="five"))[0] == "wrong-msg-id"


def test_a_missing_reply_is_taught_where_the_case_is() -> None:
    late = case(send(init()), expect(init_ok()), lesson="07")
    assert judge(late, play(late, [], "timeout")).findings[0].lesson == "07"


def test_with_more_than_a_hundred_open_nobody_is_blocked_by_an_early_error_0() -> None:
    asks = [message("n1", "n2", type="q", n=i, msg_id={"$bind": f"m{i}"}) for i in range(101)]
    many = case(send(init()), expect(init_ok()), *({"expect": pattern} for pattern in asks))
    gave_up = message("n1", "c1", type="error", in_reply_to=1, code=0)
    assert "blocked" not in codes(many, init_ok(), gave_up)


def test_a_finding_names_the_messages_and_their_places() -> None:
    finding = judge(PROXY, play(PROXY, [init_ok(), ASKS], "timeout")).findings[0]
    assert "c2's echo (msg_id 1)" in finding.message
    assert "n1's q (msg_id 5)" in finding.message
    assert set(finding.events) == {3, 4}


def test_what_a_pattern_leaves_open_is_not_shown() -> None:
    asks = {"expect": message("n1", "n2", type="q", n=1, msg_id="$int")}
    unasked = case(send(init()), expect(init_ok()), asks)
    (finding, *_) = judge(unasked, play(unasked, [init_ok()], "timeout")).findings
    assert "n1's q to n2" in finding.message
    assert "$int" not in finding.message


def test_the_difference_is_short() -> None:
    finding = judge(LIVE, play(LIVE, [init_ok(), change(A, echo="A")])).findings[0]
    assert (finding.expected, finding.actual) == ('body.echo: "a"', 'body.echo: "A"')


def test_the_precedence_is_that_of_the_design() -> None:
    leading = ["limit-exceeded", "did-not-start", "bad-input", "crashed", "missing-error", "blocked"]
    leading += ["not-flushed", "lost-at-eof", "no-reply"]
    assert sorted(leading, key=PRECEDENCE.__getitem__) == leading
    assert set(PRECEDENCE) == set(CODES)


@pytest.mark.parametrize(
    ("words", "case", "answers", "then"),
    [
        ("main function", LIVE, (), "exit 0"),
        ("its interpreter", BEFORE_INIT, (), "exit 126"),
        ("calls exit", LIVE, (init_ok(), A), "exit 0"),
        ("debugger", LIVE, (init_ok(), A), "exit -9"),
        ("is read, handed over", LIVE, (init_ok(), A, C), "timeout"),
        ("after 1 s", SILENT, (init_ok(), ASKS), "timeout"),
        ("its inner", PROXY, (init_ok(),), "timeout"),
        ("do they meet", PROXY, (init_ok(), ASKS, echo_ok("c2", 1, "quick")), "timeout"),
        ("read and hand over", PROXY, (init_ok(), ASKS), "timeout"),
        ("a return missing", LIVE, (init_ok(), A, A), ""),
        ("nothing asked", LIVE, (init_ok(), message("n1", "c1", type="hello")), ""),
        ("finds nobody", LATE, (init_ok(), ASKS, error(0), DONE), ""),
        ("a return missing", LATE, (init_ok(), ASKS, error(0), change(DONE, result=None)), ""),
        ("a return missing", SILENT, (init_ok(), ASKS, error(0), DONE), ""),
        ("when the first comes", TWICE, (init_ok(), ASKS, DONE, DONE), ""),
        ("who comes first", TWICE, (init_ok(), ASKS, DONE, error(0)), ""),
        ("spread over it", WAITS, (init_ok(), ASKS, change(DONE, type="q_ok", result=None)), ""),
        ("not spread", WAITS, (init_ok(), ASKS, change(DONE, type="q_ok", result=None)), ""),
        ("even if it is an error", REFUSED, (init_ok(), ASKS, error(20)), ""),
        ("the address of c2's echo", LIVE, (init_ok(), {**C, "dest": "c2"}), ""),
        ("share a variable", LIVE, (init_ok(), {**C, "dest": "c2"}), ""),
        ("to the src of the request", LIVE, (init_ok(), {**C, "dest": "c0"}), ""),
        ("with error 13", SILENT, (init_ok(), ASKS, error(13)), ""),
        ("a number like any other", SILENT, (init_ok(), ASKS, error(13)), ""),
        ("error 12 is due", LACKS, (init_ok(), message("n1", "n2", msg_id=1)), ""),
        ("nothing still where init_ok is made", LIVE, ({**init_ok(), "src": None},), ""),
        ("Put in_reply_to into body", LIVE, (init_ok(), {**change(A, in_reply_to=None), "in_reply_to": 1}), ""),
        ("what leaves the loop", BAD_LINE, (init_ok(),), "exit 0"),
        ("a blank line, stripped", BLANK_LINE, (init_ok(),), "exit 0"),
        ("node_id that init gave", LIVE, (init_ok(), {**A, "src": "n9"}), ""),
        ("to the src of the request", LIVE, (init_ok(), {**A, "dest": "c9"}), ""),
        ("to its target", PROXY, (init_ok(), {**ASKS, "dest": "n3"}), ""),
        ("over at once", WAITS, (init_ok(), ASKS, error(0)), ""),
        ("a handler for echo", LIVE, (init_ok(), error(10)), ""),
        ("and code 0", SILENT, (init_ok(), ASKS, message("n1", "c1", type="timeout", in_reply_to=1)), ""),
        ("x_ok", LIVE, (init_ok(), change(A, type="echo")), ""),
        ("only the msg_id is yours", PROXY, (init_ok(), change(ASKS, more=1)), ""),
        ("the whole body", WAITS, (init_ok(), ASKS, change(DONE, result={"type": "q_ok"})), ""),
        ("the protocol does not name", LIVE, (init_ok(), change(A, more=1)), ""),
        ("the very value", LIVE, (init_ok(), change(A, echo="A")), ""),
        ("to stderr", LIVE, (init_ok(), "got a message"), ""),
        ("JSON library", LIVE, (init_ok(), "{'src': 'n1', 'body': {}}"), ""),
        ("src, dest and body", LIVE, (init_ok(), '{"src": "n1", "dest": "c1"}'), ""),
        ("one newline", LIVE, (init_ok(), ""), ""),
        ("with one newline", LIVE, (init_ok(), f"{dumps(A)}{dumps(B)}"), ""),
        ("by a lock", LIVE, (init_ok(), '{"src": "n1", {"src": "n1", "dest": "c2", "body": {}}'), ""),
        ("where the line is parsed", BAD_LINE, (init_ok(),), "exit 1"),
        ("no message", BAD_OBJECT, (init_ok(),), "exit 1"),
        ("with error 10", ERRORS, (init_ok(),), "timeout"),
    ],
)
def test_the_hint_is_for_this_bug(words: str, case: Case, answers: tuple[object, ...], then: str) -> None:
    finding = judge(case, play(case, answers, then)).findings[0]  # type: ignore[arg-type]
    assert words in f"{finding.hint} {finding.message}"


def test_whoever_serves_others_while_one_waits_is_told_of_what_is_shared() -> None:
    served = case(
        *PROXY_STEPS[:4], send(echo("c2", 1, "a"), echo("c3", 1, "b")), expect(B, echo_ok("c3", 1, "b"))
    )
    for then in ((error(0),), ()):
        played = play(served, [init_ok(), ASKS, B, *then], "" if then else "timeout")
        slow = tuple(replace(event, t_ms=event.t_ms * 1000) for event in played)
        finding = judge(served, slow).findings[0]
        assert finding.code == "blocked"
        assert "Others were served" in finding.hint


def test_who_gave_up_at_once_held_nobody_up() -> None:
    finding = judge(PROXY, play(PROXY, [init_ok(), ASKS, error(0)])).findings[0]
    assert finding.code == "blocked"
    assert "not after 1 s" in finding.message
    assert "over at once" in finding.hint
    assert finding.others_went_on


def zeros(*served: dict[str, object]) -> Finding:
    both = case(
        send(init()),
        expect(init_ok()),
        send(echo("c1", 0, "a"), echo("c2", 0, "b"), echo("c1", 2, "c")),
        expect(echo_ok("c1", 0, "a"), echo_ok("c2", 0, "b"), C),
    )
    return judge(both, play(both, [init_ok(), *served], "timeout")).findings[0]


def test_a_msg_id_of_0_that_is_taken_for_none() -> None:
    told = zeros(C)
    assert told.cause is not None
    assert "0 is taken for no msg_id" in told.cause.text
    assert "“msg_id” in body" in told.hint


def test_where_others_are_missing_or_such_a_one_is_served_0_says_nothing() -> None:
    assert zeros().cause is None
    assert zeros(echo_ok("c1", 0, "a")).cause is None
    assert zeros(C, echo_ok("c1", 0, "a")).cause is None


@pytest.mark.parametrize(("at_once", "lesson"), [([init_ok()], "07"), ([], "00")])
def test_replies_that_are_kept_are_taught_by_another_lesson_than_a_flush(
    at_once: list[object], lesson: str
) -> None:
    events = list(play(LIVE, at_once, "timeout"))  # type: ignore[arg-type]
    for reply in [init_ok(), A, B, C][len(at_once) :]:
        events.append(Event(len(events), float(len(events)), "out", dumps(reply)))
    finding = judge(LIVE, tuple(events)).findings[0]
    assert (finding.code, finding.lesson) == ("not-flushed", lesson)
    assert ("sorted at the end" in finding.hint) is (lesson == "07")


def test_who_gives_up_on_a_peer_at_the_end_of_input_lacks_a_timeout() -> None:
    events = list(play(SILENT, [init_ok(), ASKS], "timeout"))
    events.append(Event(len(events), float(len(events)), "out", dumps(error(0))))
    finding = judge(SILENT, tuple(events)).findings[0]
    assert finding.code == "no-reply"
    assert "after 1 s" in finding.hint


def test_each_code_that_is_found_stands_in_the_table() -> None:
    """What a code means, and its place in the precedence, is asked for only once a node has it."""
    used = {}
    for file in Path(grader.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            is_finding = isinstance(node, ast.Call) and ast.unparse(node.func) == "Finding" and node.args
            if is_finding and isinstance(node.args[0], ast.Constant):
                used[node.args[0].value] = f"{file.name}:{node.lineno}"
    assert len(used) > 15
    assert {code: place for code, place in used.items() if code not in CODES} == {}, "add it to CODES"
