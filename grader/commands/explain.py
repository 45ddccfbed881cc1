"""`grader explain`: what a code says, what usually causes it, what to do, and which lesson teaches it."""

import argparse
import difflib

from grader.commands.outcome import OK, UsageError


def run(args: argparse.Namespace) -> int:
    """Explain one code, or list them all."""
    from grader.checks.findings import CODES

    if args.code is None:
        width = max(map(len, CODES))
        for code, known in CODES.items():
            print(f"{code:<{width}}  {known.says}")
        return OK
    if args.code not in CODES:
        near = difflib.get_close_matches(args.code, CODES, 1)
        hint = f"did you mean {near[0]}?" if near else "grader explain lists them"
        raise UsageError(f"{args.code} is no code of a finding; {hint}")
    known = CODES[args.code]
    print(f"{args.code}: {known.says}.")
    print(f"\nUsually: {known.cause}\nTry:     {known.hint}\nLesson:  {known.lesson}")
    return OK
