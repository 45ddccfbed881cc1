"""The checks: each a pure function from a reading of a transcript to findings, one module a property."""

from grader.checks import answers, by_the_clock, ending, ids, lines, order, strays

CHECKS = (
    lines.check,
    strays.before_init,
    strays.check,
    ids.check,
    order.check,
    answers.check,
    by_the_clock.check,
    ending.check,
)

__all__ = ["CHECKS"]
