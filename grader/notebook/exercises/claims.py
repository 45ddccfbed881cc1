"""Claims and their evidence: the sentence of the protocol that a node breaks, and the case that shows it."""

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING

from grader.notebook.cell_output import CellOutput, preformatted
from grader.notebook.exercises import broken
from grader.notebook.exercises.mutants import caught
from grader.notebook.exercises.outcomes import NotPlayed, in_cases
from grader.notebook.exercises.paper import Judged

if TYPE_CHECKING:
    from grader.grading.results import Result

WIDTH = 80
LINES = 5  # of a defence
WORDS = 4  # of each, at least: less gives no reason
MODELS = ("threads", "asyncio", "queues")


def sentences() -> CellOutput:
    """The protocol in numbered sentences."""
    text = "\n".join(
        fill(sentence, WIDTH, initial_indent=f"{n:2}  ", subsequent_indent="    ")
        for n, sentence in enumerate(broken.sentences(), 1)
    )
    return CellOutput(text, preformatted(text))


def sentence(number: int | None) -> str:
    """One sentence of the protocol; empty if none has this number."""
    known = broken.sentences()
    return known[number - 1] if isinstance(number, int) and 0 < number <= len(known) else ""


def breaks(number: int | None, node: str, suite: str, passes: str, schedules: bool = False) -> Judged:
    """Whether a node passes the suite `passes`, and cases of one's own show that it breaks this sentence.

    The cases must accuse none of the reference's three nodes, and what they find must belong to this sentence.
    Where nobody can tell to which it belongs that is said, and it is neither right nor wrong.
    """
    said = sentence(number)
    if number is None or not said:
        return Judged(False, f"Say which sentence it breaks: a number from 1 to {len(broken.sentences())}.")
    claim = fill(f"Sentence {number}: {said}", WIDTH)
    try:
        outcome = in_cases(node, passes)
    except NotPlayed as refusal:
        return Judged(False, f"{claim}\n{refusal}")
    if outcome.code:
        case = outcome.failed[0].case.id
        text = (
            f"{passes} catches it, in its case {case}: {outcome.code}. Break it where that case doesn't look."
        )
        return Judged(False, f"{claim}\n{fill(text, WIDTH)}")
    evidence, came = caught(suite, [node], schedules)
    why = f"{claim}\n{passes}: {node} {outcome}\n{evidence.why}"
    if not evidence.ok:
        return Judged(False, why)
    return _of_sentence(number, came[node].failed, why)


def _of_sentence(number: int, failed: "Sequence[Result]", why: str) -> Judged:
    """Whether one of these failed cases shows that this sentence is broken; or that nobody can tell."""
    shown = [(broken.shown_by(result), result) for result in failed]
    shown.sort(key=lambda one: (number not in one[0], not one[0]))  # what speaks for it first, silence last
    belongs, result = shown[0]
    told = f"{why}\n{_says(result)}"
    if number in belongs:
        return Judged(True, told)
    if belongs:
        which = " or ".join(map(str, sorted(belongs)))
        todo = f"That is sentence {which}, and not {number}. If you meant that one, name it: "
        todo += f"SENTENCE = {min(belongs)}. Else have node and case be about sentence {number}."
        return Judged(False, f"{told}\n{fill(todo, WIDTH)}")
    todo = "To which sentence that belongs can't be told from outside. Have your case ask for just what "
    todo += f"sentence {number} promises, so that nothing else can have gone wrong."
    return Judged(False, f"{told}\n{fill(todo, WIDTH)}", "it is caught; but nobody can tell by which sentence.")


def _says(result: "Result") -> str:
    finding = broken.telling(result) or result.findings[0]
    return fill(f"Your case {result.case.id!r} shows: {finding.message}", WIDTH)


def defended(model: str | None, node: str, defence: str | None) -> Judged:
    """Whether a model was chosen, is the one that the node's file uses, and is defended in five lines."""
    lines = [line for line in (defence or "").splitlines() if line.strip()]
    if model not in MODELS:
        choices = ", ".join(f'"{one}"' for one in MODELS)
        return Judged(False, f"Choose one of {choices}: write it in place of None, above your office.")
    used = [one for one in MODELS if f"reference.with_{one}" in _source(node)]
    if used and used != [model]:
        made = " and ".join(used)
        text = f"You say {model}, and {node} is made of {made}: change MODEL, or what the file imports."
        return Judged(False, fill(text, WIDTH))
    if len(lines) != LINES:
        text = f"It has {len(lines)} lines, and should have {LINES}: one for each thing that is asked above."
        return Judged(False, text)
    if short := [line.strip() for line in lines if len(line.split()) < WORDS]:
        return Judged(False, f"“{short[0]}” gives no reason yet: why is it so? At least {WORDS} words.")
    return Judged(True, "Five lines. Whether they are good ones somebody has to say who can object.")


def _source(node: str) -> str:
    try:
        with open(node, encoding="utf-8") as file:
            return file.read()
    except OSError:
        return ""
