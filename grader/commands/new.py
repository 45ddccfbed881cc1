"""`grader new`: write the node from which the exercise starts, or the workflow that grades it."""

import argparse

from grader.commands.outcome import OK, UsageError
from grader.reports.visible import visible


def run(args: argparse.Namespace) -> int:
    from grader.templates.new_node import write_new_node

    try:
        what = write_new_node(args.file)
    except ValueError as error:
        raise UsageError(str(error)) from None
    except FileExistsError:
        raise UsageError(f"{args.file} is there already; name a new file") from None
    except OSError as error:
        raise UsageError(f"{args.file}: can't be written: {error.strerror}") from None
    print(f"{visible(args.file)}: {visible(what)}")
    return OK
