"""Claims and their evidence: the sentence of the protocol that a node breaks, and the case that shows it."""

from collections.abc import Sequence
from textwrap import fill

from grader.notebook.cell_output import CellOutput, preformatted
from grader.notebook.exercises.lesson_files import LESSONS, load
from grader.notebook.exercises.mutants import catches
from grader.notebook.exercises.outcomes import NotPlayed, in_cases
from grader.notebook.exercises.paper import Judged

WIDTH = 80
LINES = 5  # of a defence
WORDS = 4  # of each, at least: less gives no reason
MODELS = ("threads", "asyncio", "queues")


def sentences() -> CellOutput:
    """The protocol in numbered sentences."""
    text = "\n".join(
        fill(sentence, WIDTH, initial_indent=f"{n:2}  ", subsequent_indent="    ")
        for n, sentence in enumerate(_protocol(), 1)
    )
    return CellOutput(text, preformatted(text))


def sentence(number: int | None) -> str:
    """One sentence of the protocol; empty if none has this number."""
    known = _protocol()
    return known[number - 1] if isinstance(number, int) and 0 < number <= len(known) else ""


def breaks(number: int | None, node: str, suite: str, passes: str, schedules: bool = False) -> Judged:
    """Whether a node passes the suite `passes`, and cases of one's own show that it breaks this sentence.

    The cases must accuse none of the reference's three nodes. That they are about this sentence and no other,
    no machine can say.
    """
    broken = sentence(number)
    if not broken:
        return Judged(False, f"Say which sentence it breaks: a number from 1 to {len(_protocol())}.")
    claim = fill(f"Sentence {number}: {broken}", WIDTH)
    try:
        outcome = in_cases(node, passes)
    except NotPlayed as refusal:
        return Judged(False, f"{claim}\n{refusal}")
    if outcome.code:
        return Judged(False, f"{claim}\n{passes} catches it: {outcome.code}. Break it more quietly.")
    evidence = catches(suite, node, schedules=schedules)
    return Judged(evidence.ok, f"{claim}\n{passes}: {node} {outcome}\n{evidence.why}")


def defended(model: str | None, node: str, defence: str | None) -> Judged:
    """Whether a model was chosen, is the one that the node's file uses, and is defended in five lines."""
    lines = [line for line in (defence or "").splitlines() if line.strip()]
    if model not in MODELS:
        return Judged(False, f"Choose one of {', '.join(MODELS)}.")
    used = [one for one in MODELS if f"reference.with_{one}" in _source(node)]
    if used and used != [model]:
        return Judged(False, f"You say {model}, and {node} is made of {' and '.join(used)}.")
    if len(lines) != LINES:
        return Judged(False, f"It has {len(lines)} lines, and should have {LINES}.")
    if short := [line.strip() for line in lines if len(line.split()) < WORDS]:
        return Judged(False, f"“{short[0]}” gives no reason yet: a line of at least {WORDS} words, please.")
    return Judged(True, "Five lines. Whether they are good ones somebody has to say who can object.")


def _protocol() -> Sequence[str]:
    known: Sequence[str] = load(f"{LESSONS}/sentences.toml")["sentences"]
    return known


def _source(node: str) -> str:
    try:
        with open(node, encoding="utf-8") as file:
            return file.read()
    except OSError:
        return ""
