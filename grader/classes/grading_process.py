"""A process that grades one submission: asked in JSON on stdin, it tells the reports on stdout."""

import json
import os
import signal
import sys
import threading
import time
from dataclasses import replace

LOOK_S = 1.0  # how often it is seen whether somebody still waits for the result


def main() -> None:
    """Grade it. Told to end, it tells what is known."""
    from grader.cases.parser import CaseFileError
    from grader.cases.select import select
    from grader.conversation.node_process import end_all_children
    from grader.conversation.submission import NotGradable, from_file
    from grader.grading.runner import grade
    from grader.reports.json_report import report
    from grader.reports.page import page
    from grader.reports.submitted import played, source_of

    signal.signal(signal.SIGINT, signal.default_int_handler)  # a worker of a cluster ignores it; no node should
    asked = json.loads(sys.stdin.buffer.read())
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    try:
        submission = replace(from_file(asked["file"]), name=asked["name"])
        cases = select(asked["suites"], (), asked["seed"])
    except (NotGradable, CaseFileError) as error:
        _tell({"refused": str(error)})
        return
    try:
        graded = grade(
            submission, cases, slow=asked["slow"], seed=asked["seed"], budget=asked["budget"], jobs=1,
            asked_for=asked["suites"],
        )  # fmt: skip
    finally:
        end_all_children()
    _tell({"report": report(graded), "page": page(graded, source_of(submission), played(submission))})


def _end_with(parent: int) -> None:
    """Be told to end once nobody waits for the result: a worker of a cluster may die, and we would go on."""
    while os.getppid() == parent:
        time.sleep(LOOK_S)
    os.kill(os.getpid(), signal.SIGTERM)


def _tell(what: object) -> None:
    sys.stdout.write(json.dumps(what))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
