"""How a case goes on: groups, patterns, names, what is kept and what fits nothing."""

from itertools import permutations
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from grader.cases.model import Case
from grader.conversation.script import Script
from grader.protocol.json_values import dumps
from tests.conversations import case, echo, echo_ok, expect, init, init_ok, message, send


def hear(case: Case, *answers: dict[str, object]) -> Script:
    script = Script(case)
    while script.stage is not None and not hasattr(script.stage, "answers"):
        script.say()
    for n, answer in enumerate(answers):
        script.hear(n, dumps(answer))
    return script


def test_a_group_is_done_when_all_its_patterns_are_answered_in_any_order() -> None:
    both = case(send(init()), expect(echo_ok("c1", 1, "a")), expect(echo_ok("c2", 1, "b")))
    script = hear(both, echo_ok("c2", 1, "b"), echo_ok("c1", 1, "a"))
    assert script.stage is None
    assert script.stray is None


def test_what_fits_only_a_later_group_is_kept_for_it() -> None:
    two = case(send(init()), expect(init_ok()), send(echo("c1", 1, "a")), expect(echo_ok("c1", 1, "a")))
    script = hear(two, echo_ok("c1", 1, "a"))
    assert not script.is_clear
    script.hear(1, dumps(init_ok()))
    script.say()
    assert script.stage is None


def test_what_fits_nothing_makes_the_verdict_clear() -> None:
    script = hear(case(send(init()), expect(init_ok())), echo_ok("c1", 1, "a"))
    assert script.is_clear
    assert script.stray is not None


def test_messages_are_assigned_so_that_all_fit() -> None:
    loose = message("n1", "c1", type="$any", in_reply_to=1)
    narrow = message("n1", "c1", type="b", in_reply_to=1)
    patterns = case(send(init()), expect(loose, narrow))
    b, a = message("n1", "c1", type="b", in_reply_to=1), message("n1", "c1", type="a", in_reply_to=1)
    for order in ((a, b), (b, a)):
        assert hear(patterns, *order).stage is None


def test_an_optional_message_may_come_or_not_and_holds_nothing_up() -> None:
    maybe = case(send(init()), expect(echo_ok("c1", 1, "a"), optional=True), expect(init_ok()))
    assert hear(maybe, init_ok()).stage is None
    assert hear(maybe, echo_ok("c1", 1, "a"), init_ok()).stage is None
    twice = hear(maybe, echo_ok("c1", 1, "a"), echo_ok("c1", 1, "a"))
    assert twice.stray is not None


def test_a_name_is_bound_by_a_group_and_put_into_what_is_sent_and_expected() -> None:
    asks = message("n1", "n2", type="echo", echo="x", msg_id={"$bind": "m"})
    answer = message("n2", "n1", type="echo_ok", echo="x", in_reply_to="$m")
    result = message("n1", "c1", type="proxy_ok", in_reply_to=1, result={"in_reply_to": "$m", "any": "$any"})
    script = hear(case(send(init()), expect(asks), send(answer), expect(result)))
    script.hear(0, dumps(message("n1", "n2", type="echo", echo="x", msg_id=41)))
    assert script.say() == dumps(message("n2", "n1", type="echo_ok", echo="x", in_reply_to=41)) + "\n"
    done = message("n1", "c1", type="proxy_ok", in_reply_to=1, result={"in_reply_to": 41, "any": [1]})
    script.hear(1, dumps(done))
    assert script.stage is None


def test_what_was_kept_is_looked_at_again_once_its_names_are_bound() -> None:
    asks = message("n1", "n2", type="q", msg_id={"$bind": "m"})
    uses = message("n1", "c1", type="r", in_reply_to=1, result="$m")
    steps = case(send(init()), expect(asks), send(echo("c1", 1, "a")), expect(uses))
    right = hear(
        steps, message("n1", "c1", type="r", in_reply_to=1, result=7), message("n1", "n2", type="q", msg_id=7)
    )
    assert right.stray is None
    wrong = hear(
        steps, message("n1", "c1", type="r", in_reply_to=1, result=8), message("n1", "n2", type="q", msg_id=7)
    )
    assert wrong.stray is not None


def test_what_no_group_wants_any_more_may_still_be_the_optional_message() -> None:
    maybe = message("n1", "c1", type="r", in_reply_to=1, result=8)
    asks = message("n1", "n2", type="q", msg_id={"$bind": "m"})
    uses = message("n1", "c1", type="r", in_reply_to=1, result="$m")
    steps = case(
        send(init()), expect(maybe, optional=True), expect(asks), send(echo("c1", 1, "a")), expect(uses)
    )
    script = hear(steps, maybe, message("n1", "n2", type="q", msg_id=7))
    assert script.stray is None


def test_dollars_times_and_escapes() -> None:
    body = {"type": "echo", "msg_id": 1, "echo": ["$$any", {"$times": ["ab", 3]}]}
    steps = case(
        send({"src": "c1", "dest": "n1", "body": body}),
        expect(echo_ok("c1", 1, ["$$any", {"$times": ["ab", 3]}])),
    )
    script = Script(steps)
    assert '["$any", "ababab"]' in script.say()
    script.hear(0, dumps(echo_ok("c1", 1, ["$any", "ababab"])))
    assert script.stage is None


def test_integers_and_other_keys() -> None:
    exact = case(send(init()), expect(message("n1", "c1", type="r", n="$int", in_reply_to=1)))
    assert hear(exact, message("n1", "c1", type="r", n=3.0, in_reply_to=1, msg_id=9)).stage is None
    assert hear(exact, message("n1", "c1", type="r", n=3.5, in_reply_to=1)).is_clear
    assert hear(exact, message("n1", "c1", type="r", n=True, in_reply_to=1)).is_clear
    assert hear(exact, message("n1", "c1", type="r", n=3, in_reply_to=1, more=1)).is_clear
    subset = case(send(init()), expect(message("n1", "c1", type="r", n="$int", in_reply_to=1)), match="subset")
    assert hear(subset, message("n1", "c1", type="r", n=3, in_reply_to=1, more=1)).stage is None


def test_of_an_error_type_request_and_code_are_compared() -> None:
    timeout = case(send(init()), expect(message("n1", "c1", type="error", in_reply_to=1, code=0, text="x")))
    assert hear(timeout, message("n1", "c1", type="error", in_reply_to=1)).stage is None
    assert (
        hear(timeout, message("n1", "c1", type="error", in_reply_to=1, code=0, text="y", more=1)).stage is None
    )
    assert hear(timeout, message("n1", "c1", type="error", in_reply_to=1, code=10)).is_clear


def test_an_absent_code_is_0_for_whatever_asks_for_it() -> None:
    plain = message("n1", "c1", type="error", in_reply_to=1)
    for code in ("$any", "$int", {"$bind": "code"}):
        script = hear(
            case(send(init()), expect(message("n1", "c1", type="error", in_reply_to=1, code=code))), plain
        )
        assert script.stage is None
    assert script.bindings == {"code": 0}


def test_an_envelope_may_have_more_keys() -> None:
    script = hear(case(send(init()), expect(init_ok())), {**init_ok(), "id": 17})
    assert script.stage is None


@given(st.permutations(range(8)))
def test_every_order_of_right_answers_completes_a_group(order: list[int]) -> None:
    eight = case(send(init()), expect(*(echo_ok(f"c{i}", 1, i % 2) for i in range(8))))
    assert hear(eight, *(echo_ok(f"c{i}", 1, i % 2) for i in order)).stage is None


KINDS = st.sampled_from(["$any", "$int", 1, 2, "a"])
VALUES = st.sampled_from([1, 2, 3, "a", "b", None])


@given(st.lists(st.tuples(KINDS, VALUES), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_a_group_takes_messages_exactly_if_all_can_fit(pairs: list[tuple[Any, Any]], chance: Random) -> None:
    def body(value: Any) -> dict[str, Any]:
        return message("n1", "c1", type="r", in_reply_to=1, value=value)

    def fits(kind: Any, value: Any) -> bool:
        return kind == "$any" or (isinstance(value, int) if kind == "$int" else kind == value)

    kinds, values = [kind for kind, _ in pairs], [value for _, value in pairs]
    chance.shuffle(values)
    script = hear(case(send(init()), expect(*map(body, kinds))), *map(body, values))
    possible = any(all(map(fits, order, values)) for order in permutations(kinds))
    assert (script.stage is None) == possible
    assert (script.stray is None) == possible


def test_two_thousand_equal_patterns_and_one_message_too_many() -> None:
    n = 2000
    anything = {"src": "n1", "dest": "c1", "body": {"type": "r", "in_reply_to": 1, "value": "$any"}}
    closed = case(
        send(init()), {"expect": anything, "repeat": n}, expect(message("n1", "c1", type="last", in_reply_to=2))
    )
    script = hear(closed, *(message("n1", "c1", type="r", in_reply_to=1, value=i) for i in range(n + 1)))
    assert script.stray is not None
    assert script.stray.message["body"]["value"] == n


def test_a_thousand_open_patterns_are_found_by_key_not_by_trying_all() -> None:
    n = 3000
    asks = {"src": "n1", "dest": "n2", "body": {"type": "echo", "echo": "$i", "msg_id": {"$bind": "m$i"}}}
    many = case(send(init()), {"expect": asks, "repeat": n})
    script = hear(many)
    group = script.stage
    tried = 0
    fits = type(group.index.patterns[0]).fits_loosely  # type: ignore[union-attr]

    def count(self: object, message: object) -> bool:
        nonlocal tried
        tried += 1
        return bool(fits(self, message))  # type: ignore[arg-type]

    type(group.index.patterns[0]).fits_loosely = count  # type: ignore[union-attr, method-assign, assignment]
    try:
        for i in reversed(range(n)):
            script.hear(i, dumps(message("n1", "n2", type="echo", echo=i, msg_id=i)))
    finally:
        type(group.index.patterns[0]).fits_loosely = fits  # type: ignore[union-attr, method-assign]
    assert script.stage is None
    assert tried == n
