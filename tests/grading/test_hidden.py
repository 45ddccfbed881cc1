"""Of a hidden case a learner's report shows its title, its status and its points, in every format."""

import json
from pathlib import Path

import pytest

from grader.cases.select import select
from grader.conversation.submission import from_file
from grader.grading.runner import grade
from grader.reports import html, json_report, junit
from grader.reports.page import page
from grader.reports.submitted import source_of

SECRET = "the-secret-word"
HEADER = {
    "case": "deep",
    "title": "Something that you will not guess",
    "hidden": True,
    "hints": [f"say {SECRET}"],
}
INIT = {"src": "c0", "dest": "n1", "body": {"type": "init", "msg_id": 1, "node_id": "n1", "node_ids": ["n1"]}}
ASKED = {"src": "c1", "dest": "n1", "body": {"type": "echo", "msg_id": 2, "echo": SECRET}}
READY = {"src": "n1", "dest": "c0", "body": {"type": "init_ok", "in_reply_to": 1}}
WANTED = {"src": "n1", "dest": "c1", "body": {"type": "echo_ok", "in_reply_to": 2, "echo": SECRET + "!"}}


@pytest.fixture
def suite(tmp_path: Path) -> str:
    file = tmp_path / "hidden.jsonl"
    lines = [HEADER, {"send": INIT}, {"expect": READY}, {"send": ASKED}, {"expect": WANTED}]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return str(file)


def test_no_report_says_what_was_said(suite: str) -> None:
    submission = from_file(str(Path(__file__).parents[2] / "reference" / "node.py"))
    graded = grade(submission, select([suite]))
    texts = [
        json.dumps(json_report.report(graded)),
        html.render(graded),
        page(graded, source_of(submission), lambda _: None),
        junit.render(graded),
        repr(graded),
    ]
    assert not graded.passed
    for text in texts:
        assert SECRET not in text
        assert HEADER["title"] in text or HEADER["case"] in text
        assert "--suite" not in text  # the file is the instructor's


def test_who_wrote_it_may_see_all(suite: str) -> None:
    submission = from_file(str(Path(__file__).parents[2] / "reference" / "node.py"))
    graded = grade(submission, select([suite]), reveal=True)
    assert SECRET in repr(graded.results[0].findings)
    assert graded.results[0].transcript
