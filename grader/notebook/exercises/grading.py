"""Grading in a cell: a node's report, an exercise's verdict, and the answer to a question.

Each is what the command line says too: a thin call of `grader.submit`, and the same reports.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING

from grader.notebook.cell_output import CellOutput, paragraphs, plain_console, preformatted
from grader.notebook.course.files import put_file
from grader.notebook.course.record import record
from grader.notebook.exercises.lesson_files import LESSONS, load
from grader.notebook.exercises.paper import Judged

if TYPE_CHECKING:
    from grader.checks.findings import Finding
    from grader.grading.results import Grade

COLUMNS = 80
BELIEVER = "believer.py"
LOCKS = "03"  # the lesson that teaches them
SHORT = 15  # lines of a believing node; a longer one is folded, so that what came of it stands in sight

NodeLike = str | Sequence[str]


@dataclass(frozen=True, slots=True, repr=False)
class Graded(CellOutput):
    """A report that displays itself. `grade` is the grader's own; None if the node could not be graded."""

    grade: "Grade | None" = None


def grade(
    node: NodeLike, cases: Sequence[str] = (), suites: Sequence[str] = (), but: Sequence[str] = ()
) -> Graded:
    """Grade a node as `grader submit` does: a file's name, or a command and its arguments as a list.

    `but` are the ids of cases that are left out.
    What can't be graded (no such file or case, say) gives one clear line instead of a report.
    """
    from grader.cases.parser import CaseFileError
    from grader.cases.select import NoSuchCase, select
    from grader.conversation.submission import NotGradable
    from grader.grading.submitting import submit
    from grader.notebook.course.glossary import links
    from grader.reports.html import render

    name = node if isinstance(node, str) else " ".join(node)
    try:
        if but:
            cases = [case.id for case in select(suites, cases, but=but)]
        result = submit(node, suites, cases)
    except (CaseFileError, NoSuchCase, NotGradable) as refusal:
        line = f"grader: {refusal}"
        return Graded(line, paragraphs([line]), name, False)
    result = for_lesson(result, record().lesson)
    is_command = not isinstance(node, str)
    html = render(result, is_command=is_command)
    codes = [one.findings[0].code for one in result.results if one.findings]
    html += links(codes, record().lesson)
    return Graded(_as_in_a_terminal(result, is_command), html, name, result.passed, result)


def check(
    ex: str,
    work: bool | Callable[[], object] | Judged | NodeLike,
    cases: Sequence[str] = (),
    suites: Sequence[str] = (),
    but: Sequence[str] = (),
    safe: str = "",
    lets_go: bool = False,
    also: Mapping[str, Sequence[str]] | None = None,
) -> CellOutput:
    """Whether an exercise is done: right, or not yet. Never raises.

    `work` is a node to grade, by these cases and suites `but` for some cases; or a condition: a bool, or a
    function that returns something true; or what was judged, by a function too. What is right is remembered.
    `also` are programs made of that node, each with the cases that it must pass as well.
    With `safe`, a workload, a node that passes its cases is also looked at for a lock that it lacks; with
    `lets_go`, for what it keeps of calls that are over.
    """
    output = _checked(ex, work, cases, suites, but)
    for node, of_it in (also or {}).items():
        if output.ok:
            further = _checked(ex, node, of_it, (), ())
            output = output if further.ok else further
    if output.ok and isinstance(work, str):
        output = _safe(ex, work, safe, output)
    if output.ok and isinstance(work, str) and lets_go:
        output = _letting_go(ex, work, output)
    if output.ok:
        _solved(ex)
    return _with_refusal(work, output) if isinstance(work, str) else output


def _solved(ex: str) -> None:
    if ex not in record().solved():
        record().add("solved", ex=ex)


def _safe(ex: str, node: str, case: str, output: CellOutput) -> CellOutput:
    """The verdict on a node that passes its cases, but for a race that is known of it as it stands."""
    from grader.notebook.exercises.safety import known_of, unsafe

    why = known_of(node) or (unsafe(node, case) if case else "")
    if not why:
        return output
    return _half(ex, "passes its cases, and is not yet safe: the explorer has found a race.", why)


def _letting_go(ex: str, node: str, output: CellOutput) -> CellOutput:
    """The verdict on a node that passes its cases, but for what it keeps of calls that are over."""
    from grader.notebook.exercises.let_go import kept

    why = kept(node)
    return _half(ex, "passes its cases, and keeps calls that are over.", why) if why else output


def _half(ex: str, says: str, why: str) -> CellOutput:
    head = f'◐ {ex}: {says} Stuck? hint("{ex}")'
    return CellOutput(f"{head}\n\n{why}", f"{_strong(head)}{preformatted(why)}", ex, False)


def _with_refusal(node: str, output: CellOutput) -> CellOutput:
    """What is said where the last text for a part was refused: the node has the one before it."""
    from grader.notebook.nodes.parts import refused

    if not (parts := refused(node)):
        return output
    which = " and ".join(parts)
    line = f"Mind: your last text for {which} is no Python and was not taken. This is of the one before."
    return CellOutput(f"{line}\n{output.text}", f"{paragraphs([line])}{output.html}", output.ex, output.ok)


def _checked(
    ex: str,
    work: bool | Callable[[], object] | Judged | NodeLike,
    cases: Sequence[str],
    suites: Sequence[str],
    but: Sequence[str],
) -> CellOutput:
    try:
        if isinstance(work, str | list | tuple):
            graded = grade(work, cases, suites, but)
            head = _head(ex, graded.ok)
            return CellOutput(f"{head}\n\n{graded.text}", f"{_strong(head)}{graded.html}", ex, graded.ok)
        outcome = work() if callable(work) else work
        if isinstance(outcome, Judged):
            return _judged(ex, outcome)
        if inspect.iscoroutine(outcome):
            outcome.close()
            line = f"✗ {ex}: not yet. What is checked has not run: write `await` in front of it."
            return CellOutput(line, _strong(line), ex, False)
        ok = bool(outcome)
        head = _head(ex, ok)
    except Exception as error:  # the learner's own condition or node may fail in any way
        ok, head = False, f"{_head(ex, False)} It failed with {type(error).__name__}: {error}"
        if isinstance(error, NameError):
            head += ". Run the cells above first, from the top."
    return CellOutput(head, _strong(head), ex, ok)


def _judged(ex: str, judged: Judged) -> CellOutput:
    if judged.half:
        return _half(ex, judged.half, judged.why)
    head = _head(ex, judged.ok)
    return CellOutput(f"{head}\n\n{judged.why}", f"{_strong(head)}{preformatted(judged.why)}", ex, judged.ok)


def answer(ex: str, choice: str | None) -> CellOutput:
    """The answer to a question. A wrong one is tried out, where it can be: a node that believes it is graded.

    That node is written to `believer.py` in this folder, to be looked at, drawn, and graded again.
    """
    question = load(f"{LESSONS}/questions.toml").get(ex)
    if question is None:
        line = f"There is no question {ex}."
        return CellOutput(line, paragraphs([line]), ex, False)
    choices = [question["right"], *question["wrong"]]
    if choice not in choices:
        letters = " or ".join(f'"{choice}"' for choice in sorted(choices))
        line = f"{ex}: not answered yet; write {letters} in place of {choice!r}."
        return CellOutput(line, paragraphs([line]), ex, False)
    if choice == question["right"]:
        _solved(ex)
        line = f"✓ {ex}: right. {question['because']}"
        return CellOutput(line, _strong(line), ex, True)
    wrong = question["wrong"][choice]
    head = f"✗ {ex}: not yet. {wrong['because']}"
    if "node" not in wrong:
        return CellOutput(head, _strong(head), ex, False)
    told = f"{BELIEVER} is a node that believes it; this comes of that."
    source = wrong["node"].strip()
    put_file(BELIEVER, source + "\n")
    graded = grade(BELIEVER, wrong["cases"])
    lines = source.splitlines()
    listing = "\n".join(f"{n:2}  {line}".rstrip() for n, line in enumerate(lines, 1))
    folded = (
        f"<details{' open' * (len(lines) <= SHORT)}><summary>{BELIEVER}, {len(lines)} lines</summary>"
        f"{preformatted(listing)}</details>"
    )
    text = f"{head}\n{told}\n\n{listing}\n\n{graded.text}"
    return CellOutput(text, f"{_strong(head)}{paragraphs([told])}{folded}{graded.html}", ex, False)


def for_lesson(result: "Grade", lesson: str) -> "Grade":
    """The grade as it is said in a lesson: of what a later one teaches nobody is told yet."""
    if not lesson:
        return result

    def said(finding: "Finding") -> "Finding":
        return replace(finding, lesson="") if finding.lesson > lesson else finding

    results = [replace(each, findings=tuple(map(said, each.findings))) for each in result.results]
    return replace(result, results=type(result.results)(results))


def _head(ex: str, ok: bool) -> str:
    return f"✓ {ex}: right." if ok else f'✗ {ex}: not yet. Stuck? hint("{ex}") tells you more.'


def _strong(line: str) -> str:
    return f"<p><strong>{escape(line)}</strong></p>"


def _as_in_a_terminal(result: "Grade", is_command: bool) -> str:
    import io

    from grader.reports.terminal import TerminalReport

    text = io.StringIO()
    lesson = record().lesson
    report = TerminalReport(
        plain_console(text, COLUMNS),
        result.submission,
        len(result.results),
        is_command=is_command,
        of_locks=not lesson or lesson >= LOCKS,
    )
    for one in result.results:
        report.result(one)
    report.grade(result)
    return text.getvalue().rstrip("\n")
