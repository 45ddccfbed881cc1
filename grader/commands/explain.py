"""`grader explain`: what a code says, what causes it, what to do, which lesson teaches it; or a word."""

import argparse
import difflib

from grader.commands.outcome import OK, UsageError


def run(args: argparse.Namespace) -> int:
    """Explain one code or one word, or list all codes."""
    from grader.checks.findings import CODES
    from grader.reports.glossary import words, words_of

    if args.code is None:
        width = max(map(len, CODES))
        for code, known in CODES.items():
            print(f"{code:<{width}}  {known.says}")
        return OK
    if args.code in words() and args.code not in CODES:
        word = words()[args.code]
        print(f"{word.word}: {word.means}\n\nLesson:  {word.lesson}")
        return OK
    if args.code not in CODES:
        near = difflib.get_close_matches(args.code, [*CODES, *words()], 1)
        hint = f"did you mean {near[0]}?" if near else "grader explain lists them"
        raise UsageError(f"{args.code} is no code of a finding, and no word of the glossary; {hint}")
    known = CODES[args.code]
    print(f"{args.code}: {known.says}.")
    print(f"\nUsually: {known.cause}\nTry:     {known.hint}\nLesson:  {known.lesson}")
    if about := ", ".join(word.word for word in words_of(args.code)):
        print(f"Words:   {about} (grader explain WORD)")
    return OK
