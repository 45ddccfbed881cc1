"""The explorer on the field's own yardstick: each bug is found at its level, and all below it is complete."""

import pytest

from tests.explorer.sctbench.measure import LEAST, QUICK, measure
from tests.explorer.sctbench.table import README, with_table


@pytest.mark.parametrize("name", QUICK)
def test_a_bug_is_found_with_the_fewest_preemptions_and_below_all_is_complete(name: str) -> None:
    one = measure(name, limit=600.0)
    least = LEAST[name][1]
    assert (one.preemptions, one.complete_to) == (least, least - 1), one.why


def test_the_table_in_the_readme_is_what_was_measured() -> None:
    text = README.read_text("utf-8")
    assert with_table(text) == text
