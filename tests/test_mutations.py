"""Laws: what a right node could write is never accused; one change to it is found, and named rightly."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.cases.model import Case
from grader.checks.judge import judge
from tests.conversations import Message, case, echo, echo_ok, expect, init, init_ok, play, send

CLIENTS = ["c1", "c2", "c3"]


@st.composite
def echo_cases(draw: st.DrawFn) -> tuple[Case, list[Message]]:
    """A case of some echoes with contents that all differ, and what a right node answers, in any order."""
    requests = draw(
        st.lists(st.tuples(st.sampled_from(CLIENTS), st.integers(1, 6)), min_size=2, max_size=8, unique=True)
    )
    echoes = [(client, msg_id, f"text {n}") for n, (client, msg_id) in enumerate(requests)]
    steps = [
        send(init()),
        expect(init_ok()),
        send(*(echo(*request) for request in echoes)),
        expect(*(echo_ok(*request) for request in echoes)),
    ]
    numbered = draw(st.sampled_from(["none", "in a row", "far apart"]))
    replies = draw(st.permutations([echo_ok(*request) for request in echoes]))
    answers = [init_ok(), *replies]
    if numbered != "none":
        factor = 1 if numbered == "in a row" else 1000
        answers = [change(answer, msg_id=factor * n) for n, answer in enumerate(answers)]
    return case(*steps), answers


def change(message: Message, **changes: Any) -> Message:
    return {**message, "body": {**message["body"], **changes}}


def leading(case: Case, answers: list[Message], then: str = "") -> str:
    findings = judge(case, play(case, answers, then)).findings
    return findings[0].code if findings else "passed"


@given(echo_cases())
def test_a_right_node_is_never_accused(drawn: tuple[Case, list[Message]]) -> None:
    assert leading(*drawn) == "passed"


@given(echo_cases(), st.data())
def test_a_dropped_reply(drawn: tuple[Case, list[Message]], data: st.DataObject) -> None:
    case, answers = drawn
    place = data.draw(st.integers(1, len(answers) - 1))
    assert leading(case, answers[:place] + answers[place + 1 :], "timeout") == "no-reply"


@given(echo_cases(), st.data())
def test_a_reply_written_twice(drawn: tuple[Case, list[Message]], data: st.DataObject) -> None:
    case, answers = drawn
    place = data.draw(st.integers(1, len(answers) - 1))
    after = data.draw(st.integers(place, len(answers) - 1))
    again = {**answers[place], "body": {k: v for k, v in answers[place]["body"].items() if k != "msg_id"}}
    assert leading(case, [*answers[: after + 1], again, *answers[after + 1 :]]) == "duplicate-reply"


@given(echo_cases(), st.data())
def test_two_replies_with_their_contents_swapped(
    drawn: tuple[Case, list[Message]], data: st.DataObject
) -> None:
    case, answers = drawn
    a, b = data.draw(st.lists(st.integers(1, len(answers) - 1), min_size=2, max_size=2, unique=True))
    swapped = list(answers)
    swapped[a] = change(answers[a], echo=answers[b]["body"]["echo"])
    swapped[b] = change(answers[b], echo=answers[a]["body"]["echo"])
    assert leading(case, swapped) == "cross-talk"


@given(echo_cases(), st.data())
def test_a_changed_content(drawn: tuple[Case, list[Message]], data: st.DataObject) -> None:
    case, answers = drawn
    place = data.draw(st.integers(1, len(answers) - 1))
    other = data.draw(
        st.none() | st.integers() | st.text(max_size=4).filter(lambda t: not t.startswith("text "))
    )
    answers = [*answers[:place], change(answers[place], echo=other), *answers[place + 1 :]]
    assert leading(case, answers) == "wrong-payload"


@given(echo_cases(), st.data())
def test_a_reply_to_somebody_who_asked_nothing(drawn: tuple[Case, list[Message]], data: st.DataObject) -> None:
    case, answers = drawn
    place = data.draw(st.integers(1, len(answers) - 1))
    answers = [*answers[:place], {**answers[place], "dest": "nobody"}, *answers[place + 1 :]]
    assert leading(case, answers) == "wrong-address"


@given(echo_cases(), st.data())
def test_a_reply_that_names_no_request(drawn: tuple[Case, list[Message]], data: st.DataObject) -> None:
    case, answers = drawn
    place = data.draw(st.integers(1, len(answers) - 1))
    answers = [*answers[:place], change(answers[place], in_reply_to=99), *answers[place + 1 :]]
    assert leading(case, answers) == "wrong-in-reply-to"


@given(echo_cases(), st.data())
def test_an_id_used_twice(drawn: tuple[Case, list[Message]], data: st.DataObject) -> None:
    case, answers = drawn
    numbered = [change(answer, msg_id=n) for n, answer in enumerate(answers)]
    a, b = data.draw(st.lists(st.integers(0, len(answers) - 1), min_size=2, max_size=2, unique=True))
    numbered[a] = change(numbered[a], msg_id=b)
    assert leading(case, numbered) == "duplicate-msg-id"


@given(echo_cases(), st.sampled_from(["echo", "ok", "echo_ok ", "init_ok"]), st.data())
def test_another_type(drawn: tuple[Case, list[Message]], kind: str, data: st.DataObject) -> None:
    case, answers = drawn
    place = data.draw(st.integers(1, len(answers) - 1))
    answers = [*answers[:place], change(answers[place], type=kind), *answers[place + 1 :]]
    assert leading(case, answers) == "wrong-type"


@given(st.permutations(range(6)))
def test_any_other_order_than_the_listed_one(order: list[int]) -> None:
    listed = case(
        send(init(), *(echo("c1", n, n) for n in range(6))),
        expect(init_ok(msg_id=0), *(echo_ok("c1", n, n, msg_id=n + 1) for n in range(6))),
        order="exact",
    )
    answers = [init_ok(msg_id=0), *(echo_ok("c1", n, n, msg_id=place + 1) for place, n in enumerate(order))]
    assert leading(listed, answers) == ("passed" if list(order) == sorted(order) else "wrong-order")


@given(st.permutations(range(6)))
def test_the_order_of_each_client_is_its_own(order: list[int]) -> None:
    requests = [("c1", 0), ("c1", 1), ("c1", 2), ("c2", 0), ("c2", 1), ("c2", 2)]
    listed = case(
        send(init()),
        expect(init_ok()),
        send(*(echo(client, n, n) for client, n in requests)),
        expect(*(echo_ok(client, n, n) for client, n in requests)),
        order="per_client",
    )
    came = [requests[place] for place in order]
    kept = all([n for c, n in came if c == client] == [0, 1, 2] for client in ("c1", "c2"))
    answers = [init_ok(), *(echo_ok(client, n, n) for client, n in came)]
    assert leading(listed, answers) == ("passed" if kept else "wrong-order")


@settings(max_examples=30)
@given(st.text(max_size=60), st.integers(0, 2))
def test_no_line_makes_the_judge_fail(line: str, place: int) -> None:
    two = case(send(init()), expect(init_ok()), send(echo("c1", 1, "a")), expect(echo_ok("c1", 1, "a")))
    answers: list[Any] = [init_ok(), echo_ok("c1", 1, "a")]
    answers.insert(place, line.replace("\n", " "))
    judge(two, play(two, answers, "timeout"))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["src", "dest", "body", "type", "msg_id", "in_reply_to", "code"]), inner
            )
        ),
        max_leaves=15,
    )
)
def test_no_message_makes_the_judge_fail(value: Any) -> None:
    two = case(send(init()), expect(init_ok()), send(echo("c1", 1, "a")), expect(echo_ok("c1", 1, "a")))
    body = value if isinstance(value, dict) else {"type": value, "in_reply_to": value, "msg_id": value}
    odd = {"src": value, "dest": value, "body": body}
    for answers in (
        [odd],
        [init_ok(), odd],
        [init_ok(), {"src": "n1", "dest": "c1", "body": body}],
    ):
        judge(two, play(two, answers, "timeout"))
