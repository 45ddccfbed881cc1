"""The report as HTML: the cases as a ladder, each failure explained once, and what to do first.

A fragment for a notebook's cell or a page of its own. It needs no script and no style to be read: sites that
show notebooks drop both. What passed and what did not is said by mark and word, never by colour alone.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from html import escape as escape_markup
from itertools import groupby

from grader.grading.results import Grade, Result
from grader.reports.finding_text import Line, again, explain, picture
from grader.reports.leading import failure_key, first, is_repetition, next_step
from grader.reports.summary import covered, left_out
from grader.reports.visible import visible

MARKS = {"passed": "✓", "failed": "✗", "not-attempted": "–"}
WORDS = {"passed": "passed", "failed": "not passed", "not-attempted": "not attempted"}

# Text takes the colour of the page; the accents are the theme's in JupyterLab, else the reader's own choice.
STYLE = """<style>
.grader-report {max-width: 52em}
.grader-report {--good: var(--jp-success-color0, #1b6e20); --bad: var(--jp-error-color1, #b3261e)}
@media (prefers-color-scheme: dark) {
  .grader-report {--good: var(--jp-success-color0, #7ccf81); --bad: var(--jp-error-color1, #ff8a80)}
}
.grader-report p {margin: 0.6em 0 0.2em}
.grader-report ul {list-style: none; margin: 0; padding: 0}
.grader-report li {margin: 0.15em 0}
.grader-report .passed > b, .grader-report b.passed {color: var(--good)}
.grader-report .failed > b, .grader-report b.failed {color: var(--bad)}
.grader-report small {opacity: 0.75; white-space: nowrap}
.grader-report details {margin: 0.2em 0 0.6em 1.2em; padding-left: 0.8em; border-left: 3px solid var(--bad)}
.grader-report summary {cursor: pointer}
.grader-report dl {display: grid; grid-template-columns: max-content 1fr; gap: 0.2em 1em; margin: 0.4em 0 0}
.grader-report dt, .grader-report dd {float: none; width: auto; margin: 0; padding: 0; text-align: left}
.grader-report dt {font-weight: normal; opacity: 0.75}
.grader-report pre {overflow-x: auto; margin: 0.5em 0; padding: 0; line-height: 1.35; background: none}
.grader-report dd {overflow-wrap: anywhere; white-space: pre-wrap}
</style>"""


def render(grade: Grade, *, is_command: bool = False) -> str:
    """The whole report of a grade as one HTML fragment; everything that a node wrote is escaped."""
    explained: dict[Hashable, str] = {}
    parts = [STYLE, '<div class="grader-report" role="region" aria-label="Report of the grader">', _sum(grade)]
    for suite, results in groupby(grade.results, key=lambda result: result.case.suite):
        of_suite = list(results)
        parts.append(f"<p><b>{escape(suite)}</b></p><ul>")
        if len(of_suite) > 1 and all(result.status == "not-attempted" for result in of_suite):
            parts.append(f'<li class="not-attempted"><b>–</b> {len(of_suite)} cases, not attempted</li>')
        else:
            parts += _rungs(of_suite, lambda r: again(grade.submission, r, is_command), explained)
        parts.append("</ul>")
        parts += _told([f"Explored: {text}."] if (text := covered(of_suite)) else [])
    parts += [*_told(left_out(grade.results)), *_first(grade.results), *_next(grade, is_command), "</div>"]
    return "\n".join(parts)


def _sum(grade: Grade) -> str:
    passed = sum(result.status == "passed" for result in grade.results)
    status = "passed" if grade.passed else "failed"
    cut = "; interrupted" if grade.interrupted else ""
    return (
        f'<p><b class="{status}">{MARKS[status]} {WORDS[status]}</b> {escape(grade.submission)}: '
        f"{passed} of {len(grade.results)} cases, {grade.points:g} of {grade.max_points:g} points, "
        f"{grade.duration_s:.1f} s{cut}</p>"
    )


def escape(text: str) -> str:
    """A program's text as it may stand in a page."""
    return escape_markup(visible(text))


def _rungs(
    results: Sequence[Result], command: Callable[[Result], str], explained: dict[Hashable, str]
) -> Iterator[str]:
    """A rung a case; cases that only say once more what was said already are one."""
    for is_again, group in groupby(results, key=lambda r: is_repetition(r) and _key(r) in explained):
        cases = list(group)
        if not is_again or len(cases) == 1:
            yield from (_rung(result, command(result), explained) for result in cases)
            continue
        before = explained[_key(cases[0])]
        yield (
            f'<li class="failed"><b>{MARKS["failed"]}</b> {len(cases)} more cases <small>{WORDS["failed"]}, '
            f"<b>{escape(cases[0].findings[0].code)}</b>: as in {escape(before)}, above</small></li>"
        )


def _key(result: Result) -> Hashable:
    return failure_key(result.findings[0])


def _rung(result: Result, command: str, explained: dict[Hashable, str]) -> str:
    """One case; below it, if it failed, what was found. `explained` says in which case each code was."""
    took = f", {result.duration_s:.2f} s" if result.transcript else ""
    points = f"{result.points:g}/{result.case.points:g} points"
    rung = (
        f'<li class="{result.status}"><b>{MARKS[result.status]}</b> {escape(result.case.title)} '
        f"<small>{WORDS[result.status]}, {points}{took}</small>"
    )
    if result.status == "failed":
        finding = result.findings[0]
        before = explained.setdefault(failure_key(finding), result.case.id)
        if before == result.case.id:
            rung += _finding(explain(result, finding, command), picture(result, finding))
        else:
            rung += f" <small><b>{escape(finding.code)}</b>: as in {escape(before)}, above</small>"
    return rung + "</li>"


def _finding(lines: Sequence[Line], picture: Sequence[str]) -> str:
    """An explanation that folds: its first line is the code and what it says here, the rest a list.

    The picture of a schedule stands between them, in its own columns.
    """
    first, *others = lines
    rows = "".join(
        f"<dt>{escape(line.label)}</dt><dd>{_plain_or_code(line)}</dd>" for line in others if line.text
    )
    shown = f"<pre>{escape(chr(10).join(picture))}</pre>" if picture else ""
    return (
        f"<details open><summary><b>{escape(first.label)}</b>: {escape(first.text)}</summary>"
        f"{shown}<dl>{rows}</dl></details>"
    )


def _plain_or_code(line: Line) -> str:
    """What was written by a program or is to be typed is code; what is said about it is not."""
    text = escape(line.text)
    return f"<code>{text}</code>" if line.clip or line.label == "again" else text


def _told(lines: Sequence[str]) -> list[str]:
    return [f"<p>{escape(line)}</p>" for line in lines]


def _first(results: Sequence[Result]) -> list[str]:
    """What to do first: the cause that leads, its hint, and the lesson that teaches it."""
    said = first(results)
    return [f"<p><b>First:</b> {escape(' '.join(filter(None, said)))}</p>"] if said else []


def _next(grade: Grade, is_command: bool) -> list[str]:
    step = next_step(grade, is_command=is_command)
    return [f"<p><b>Next:</b> {escape(step)}</p>"] if step else []
