"""`grader watch`: grade a node again at each save."""

import argparse
import sys
import threading
import time
from pathlib import Path

from grader.commands.outcome import INTERRUPTED, NOT_PASSED, OK, UsageError, one_line


def run(args: argparse.Namespace) -> int:
    """Watch until somebody quits. The exit status is that of what was known then."""
    from grader.cases.parser import CaseFileError
    from grader.cases.select import NoSuchCase, select
    from grader.conversation.submission import NotGradable, from_file

    try:
        submission = from_file(args.node, args.python)
        cases = select(args.suite, args.case, 0)
    except CaseFileError as error:
        raise UsageError(one_line(error)) from None
    except (NotGradable, NoSuchCase) as error:
        raise UsageError(str(error)) from None

    from rich.console import Console
    from rich.live import Live

    from grader.grading.exploration import race
    from grader.reports.race_terminal import Screen
    from grader.watch.keys import keys_to
    from grader.watch.screen import draw
    from grader.watch.session import Session, saves_to
    from grader.watch.view import WatchView, as_grade

    console = Console(highlight=False)
    path = Path(args.node).resolve()
    over = threading.Event()

    def show(view: WatchView) -> None:
        clock = time.strftime("%H:%M:%S", time.localtime(path.stat().st_mtime)) if path.is_file() else "gone"
        picture = draw(view, args.node, clock)
        if console.is_terminal:
            live.update(picture, refresh=True)
        elif not view.doing:
            console.print(picture)

    def explore() -> None:
        live.stop()
        screen = Screen(console, full=False)
        graded = race(submission, select(["interleaving"]), budget=args.budget, on_result=screen.tell)
        screen.sum(graded, len(graded.results))
        live.start()

    live = Live(console=console, auto_refresh=False, screen=False, vertical_overflow="crop")
    session = Session(submission, cases, show, explore, budget=args.budget)

    def saved(is_there: bool) -> None:
        session.mailbox.put(("saved" if is_there else "gone", None))

    threading.Thread(target=saves_to, args=(path, saved, over), daemon=True).start()
    try:
        if console.is_terminal:
            live.start()
        with keys_to(lambda key: session.mailbox.put(("key", key.lower()))):
            view = session.run()
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        over.set()
        live.stop()
        sys.stdout.flush()
    return OK if as_grade(view, args.node).passed else NOT_PASSED
