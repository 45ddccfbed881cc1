"""Listed ids can be left out, and are counted anew where messages are."""

from grader.cases.numbering import counts_up, lists_ids, without_ids
from grader.cases.select import select
from grader.explorer.search.reduce_case import requests, without

(ORDERED,) = select(["interleaving"], ["three-in-order"])


def test_without_its_ids_the_order_is_left() -> None:
    bare = without_ids(ORDERED)
    assert lists_ids(ORDERED)
    assert not lists_ids(bare)
    assert bare.order == "exact"
    assert without_ids(bare) == bare


def test_with_a_message_less_the_ids_still_count_up() -> None:
    for number in requests(ORDERED):
        fewer = without(ORDERED, [number])
        assert fewer != ORDERED
        assert lists_ids(fewer)
        assert counts_up(fewer)
