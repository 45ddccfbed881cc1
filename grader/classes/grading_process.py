"""A process that grades one submission: asked in JSON on stdin, it tells the reports on stdout."""

import json
import os
import signal
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

LOOK_S = 1.0  # how often it is seen whether somebody still waits for the result


def main() -> None:
    """Grade it. Told to end, it tells what is known."""
    from grader.cases.parser import CaseFileError
    from grader.cases.select import select
    from grader.classes.starting import started
    from grader.conversation.submission import NotGradable
    from grader.grading.lodging import lodged
    from grader.grading.runner import grade
    from grader.reports.json_report import report
    from grader.reports.page import page
    from grader.reports.submitted import played, source_of
    from grader.sandbox.begin import lacks, refusal
    from grader.sandbox.policy import Limits, Policy

    signal.signal(signal.SIGINT, signal.default_int_handler)  # a worker of a cluster ignores it; no node should
    asked = json.loads(sys.stdin.buffer.read())
    limits = Limits(**asked["limits"])
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    if lacking := lacks(Policy(asked["sandbox"], limits)):
        _tell({"refused": refusal(asked["sandbox"], lacking)})
        return
    try:
        submission = started(Path(asked["file"]))
        submission = replace(submission, name=asked["name"], original=submission.folder)  # it is a copy already
        chosen = select(asked["suites"], asked["cases"], asked["seed"], asked["but"])
        cases = [replace(case, file=Path(case.file).name) for case in chosen]  # not where it lies meanwhile
        with lodged(submission, asked["sandbox"], limits) as lodger:
            graded = grade(
                lodger, cases, slow=asked["slow"], seed=asked["seed"], budget=asked["budget"], jobs=1,
                asked_for=asked["asked_for"],
            )  # fmt: skip
            page_ = page(graded, source_of(lodger), played(lodger))
    except (NotGradable, CaseFileError) as error:
        _tell({"refused": str(error)})
        return
    _tell({"report": report(graded), "page": page_})


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
