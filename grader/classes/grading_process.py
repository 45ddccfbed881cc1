"""A process that grades one submission: asked in JSON on stdin, it tells the reports on stdout."""

import json
import sys
from dataclasses import replace


def main() -> None:
    """Grade it. Told to end, it tells what is known."""
    from grader.cases.parser import CaseFileError
    from grader.cases.select import select
    from grader.conversation.submission import NotGradable, from_file
    from grader.grading.lodging import lodged
    from grader.grading.runner import grade
    from grader.reports.json_report import report
    from grader.reports.page import page
    from grader.reports.submitted import played, source_of
    from grader.sandbox.begin import end_with_parent, lacks, refusal
    from grader.sandbox.policy import Limits, Policy

    end_with_parent()
    asked = json.loads(sys.stdin.buffer.read())
    limits = Limits(**asked["limits"])
    if lacking := lacks(Policy(asked["sandbox"], limits)):
        _tell({"refused": refusal(asked["sandbox"], lacking)})
        return
    try:
        submission = replace(from_file(asked["file"]), name=asked["name"])
        cases = select(asked["suites"], (), asked["seed"])
        with lodged(submission, asked["sandbox"], limits) as lodger:
            graded = grade(
                lodger, cases, slow=asked["slow"], seed=asked["seed"], budget=asked["budget"], jobs=1,
                asked_for=asked["suites"],
            )  # fmt: skip
            page_ = page(graded, source_of(lodger), played(lodger))
    except (NotGradable, CaseFileError) as error:
        _tell({"refused": str(error)})
        return
    _tell({"report": report(graded), "page": page_})


def _tell(what: object) -> None:
    sys.stdout.write(json.dumps(what))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
