"""Which node a command is about, by the words that were given."""

import argparse
import os
import shlex
import shutil


def node_after_list(args: argparse.Namespace) -> str | None:
    """`--suite rpc node.py`: the list has swallowed the node, which is its last word."""
    if args.command:
        return None
    for words in (args.case, args.suite, getattr(args, "also", []), getattr(args, "but", [])):
        if len(words) > 1 and not words[-1].endswith(".jsonl"):
            last: str = words.pop()
            return last
    return None


def too_many(words: list[str]) -> str:
    """What to do where more than one node was named: a command, or a pattern that the shell has spread."""
    if shutil.which(words[0]) and not os.path.isfile(words[0]):
        return f"a command goes after --: grader submit -- {shlex.join(words)}"
    return f"{len(words)} nodes were named; submit grades one: grader submit {shlex.quote(words[0])}"
