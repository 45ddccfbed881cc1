"""The report as HTML: whole, well-formed, and nothing that a node says gets out of its quotes."""

from dataclasses import replace
from html.parser import HTMLParser

from grader.cases.parser import load
from grader.checks.findings import Finding
from grader.conversation.submission import from_file
from grader.conversation.transcript import Event
from grader.grading.results import Grade, Result
from grader.grading.runner import grade
from grader.reports.html import render
from tests.corpus_nodes import CORPUS

CASES = load("async-handler").cases
EVIL = "<script>alert('1')</script><img src=x onerror=\"1\">&amp;"
ALLOWED = {"style", "div", "p", "b", "ul", "li", "small", "details", "summary", "dl", "dt", "dd", "code"}
SAFE = {"class", "role", "aria-label", "open"}


class Page(HTMLParser):
    """Reads a fragment strictly: every tag is known, and closed where it belongs."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED
        assert {name for name, _ in attrs} <= SAFE
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


def failed(**changes: str) -> Grade:
    finding = Finding("wrong-payload", "came back changed", at=0, events=(0,), hint="hand it on", lesson="00")
    event = Event(0, 1.0, "out", changes.pop("line", "x"))
    name = changes.pop("name", "node.py")
    finding = replace(finding, **changes)
    return Grade(name, (Result(CASES[0], "failed", (finding,), (event,), 0.1),), 1.0, 0.1)


def test_whatever_a_node_says_is_escaped() -> None:
    places = ("message", "expected", "actual", "hint", "lesson", "line", "name")
    for place in places:
        page = Page(render(failed(**{place: EVIL})))  # an unknown tag or attribute would have failed
        assert EVIL in page.text, place
    everything = failed(**dict.fromkeys(places, EVIL))
    assert "<script" not in render(everything)
    assert "<img" not in render(everything)
    case = replace(CASES[0], title=EVIL, suite=EVIL, id=EVIL)
    result = Result(case, "not-attempted", note=EVIL)
    assert Page(render(Grade("n", (result,), 1.0, 0.1))).text.count(EVIL) == 4


def test_a_real_report_says_what_the_terminal_says() -> None:
    wanted = ("three-echoes", "echo", "payloads")
    cases = [case for case in CASES if case.id in wanted]
    outcome = grade(from_file(str(CORPUS / "wrong/falsy_is_null.py")), cases, jobs=1)
    text = Page(render(replace(outcome, submission="node.py"))).text
    for words in (
        "✗ not passed node.py: 2 of 3 cases, 2 of 3 points",
        "✓ Answer an echo while the client waits passed, 1/1 points",
        "✗ Give back any JSON value as it came not passed, 0/1 points",
        "came back with other content.",
        "body.echo: false",
        "body.echo: null",
        "grader submit node.py --case payloads",
        "First: wrong-payload in payloads: The echo_ok",
        "Lesson 00 teaches it.",
    ):
        assert words in text


def test_what_passed_and_what_was_interrupted() -> None:
    passed = Grade("node.py", (Result(CASES[0], "passed"),), 1.0, 0.1)
    assert "✓ passed node.py: 1 of 1 cases" in Page(render(passed)).text
    assert "First" not in Page(render(passed)).text
    interrupted = replace(passed, interrupted=True, max_points=2.0)
    assert "; interrupted" in Page(render(interrupted)).text


def test_one_code_is_explained_once() -> None:
    one = failed().results[0]
    html = render(Grade("node.py", (one, replace(one, case=CASES[1])), 2.0, 0.1))
    assert html.count("<details") == 1
    assert f"wrong-payload: as in {CASES[0].id}, above" in Page(html).text
    assert Page(html).text.count("hand it on") == 2  # where it is explained, and as the first thing to do


def test_it_needs_no_script_and_reads_without_its_style() -> None:
    html = render(failed())
    assert "<script" not in html
    style, _, body = html.partition("</style>")
    assert "color-scheme: dark" in style
    assert "✗" in Page(body).text
