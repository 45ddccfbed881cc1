"""A case without some of its requests is a case: what is left belongs together, and a right node passes it."""

from dataclasses import replace
from pathlib import Path

import pytest

from grader.cases.model import Case, Expect, Send
from grader.cases.select import select
from grader.conversation.submission import from_file
from grader.explorer.search.reduce_case import requests, without
from grader.grading.runner import grade
from grader.protocol.messages import Message

CASES = {case.id: case for case in select(["interleaving"])}


def sent(case: Case) -> list[Message]:
    return [message for step in case.steps if isinstance(step, Send) for message in step.messages]


def expected(case: Case) -> list[Message]:
    return [pattern for step in case.steps if isinstance(step, Expect) for pattern in step.patterns]


def addresses(messages: list[Message], key: str) -> list[object]:
    return [message[key] for message in messages]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_init_is_no_request_to_do_without(case: Case) -> None:
    assert requests(case)
    bare = without(case, requests(case))
    assert [message["body"]["type"] for message in sent(bare)] == ["init"]
    assert [pattern["body"]["type"] for pattern in expected(bare)] == ["init_ok"]
    assert bare.closes == case.closes


def test_an_echo_goes_with_its_answer() -> None:
    case = CASES["three-at-once"]
    less = without(case, requests(case)[1:2])
    assert addresses(sent(less), "src") == ["c0", "c1", "c1"]
    assert addresses(expected(less), "dest") == ["c0", "c1", "c1"]


def test_a_proxy_goes_with_all_that_passes_for_it() -> None:
    case = CASES["two-proxies"]
    first, second = requests(case)
    assert addresses(sent(without(case, [first])), "src") == ["c0", "c2", "n2"]
    assert [message["body"].get("in_reply_to") for message in sent(without(case, [first]))][-1] == "$k"
    assert addresses(expected(without(case, [second])), "dest") == ["c0", "n2", "c1"]
    assert addresses(expected(without(case, [first, second])), "dest") == ["c0"]
    beside = CASES["proxy-and-echo"]
    _, echo = requests(beside)
    assert addresses(expected(without(beside, [echo])), "dest") == ["c0", "n2", "c1"]


def test_of_two_that_ask_for_the_same_each_goes_with_its_own() -> None:
    case = CASES["two-proxies"]
    same = select(["interleaving"], ["two-proxies"])[0]
    for message in [*sent(same), *expected(same)]:
        for part in (message["body"], message["body"].get("inner", {}), message["body"].get("result", {})):
            if part.get("echo") == "q":
                part["echo"] = "p"
    assert case != same
    for place, name in enumerate(("$k", "$m")):
        less = without(same, requests(same)[place : place + 1])
        assert [message["body"].get("in_reply_to") for message in sent(less)][-1] == name


def test_numbers_stay_those_of_the_whole_case() -> None:
    case = CASES["three-at-once"]
    first, _, third = requests(case)
    assert without(case, [first, third]) == without(without(case, [third]), [first])
    assert without(case, ()) is case


def test_a_right_node_passes_what_is_left() -> None:
    less = [without(case, [number]) for case in CASES.values() for number in requests(case)]
    named = [replace(case, id=f"{case.id}-{n}", file="") for n, case in enumerate(less)]
    node = Path(__file__).parents[3] / "reference" / "with_threads.py"
    results = grade(from_file(str(node)), named).results
    assert [(result.case.id, result.findings) for result in results if result.findings] == []
    assert len(results) == len(named)
