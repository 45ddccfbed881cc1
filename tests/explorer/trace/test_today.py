"""Whether this Python, too, may switch in the middle of `n += …`: not where no code runs in between.

Real threads lose no update of `a.n += 1` in millions of tries, and a third of those of each line below.
"""

import ast
from dataclasses import dataclass

import pytest

from grader.explorer.instrumentation.attributes import changing
from grader.explorer.instrumentation.rewriter import Prober
from grader.explorer.runtime.sources import Site
from grader.explorer.trace.recorder import has_plain_attributes


def writes(line: str) -> list[bool]:
    """Of each write in this line, whether today's Python may switch before it."""
    tree, sites = ast.parse(line), list[Site]()
    Prober("node.py", tree, sites, changing(tree)).rewrite(tree)
    return [site.today for site in sites if site.writes]


def test_no_code_runs_between_reading_and_writing_where_a_number_is_added() -> None:
    assert writes("a.n += 1") == [False]


@pytest.mark.parametrize("value", ["a.step", "sum(x)", "[x for x in (1,)][0]", "one"])
def test_a_property_a_call_a_comprehension_an_operator_may_let_others_go(value: str) -> None:
    assert all(writes(f"a.n += {value}"))


class Plain:
    n = 0


class Noticing:
    def __setattr__(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)


@dataclass(slots=True)
class Slots:
    n: int = 0


def test_attributes_that_the_node_s_own_code_sets_are_not_plain() -> None:
    assert all(map(has_plain_attributes, [Plain(), Slots(), Plain, {}]))
    assert not has_plain_attributes(Noticing())
