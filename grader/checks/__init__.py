"""The checks: each a pure function from a reading of a transcript to findings, one module a property."""

from grader.checks import answers, ending, ids, lines, order, strays

CHECKS = (lines.check, strays.before_init, strays.check, ids.check, order.check, answers.check, ending.check)

__all__ = ["CHECKS"]
