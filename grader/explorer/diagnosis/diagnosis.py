"""A diagnosis: what went wrong in a find, once. All that is said of it anywhere is made from this."""

from collections.abc import Callable
from dataclasses import dataclass

from grader.checks.findings import CODES
from grader.explorer.diagnosis.evidence import Evidence
from grader.explorer.diagnosis.misconceptions import Misconception, catalogue
from grader.explorer.diagnosis.standing import CausalSentence
from grader.explorer.trace.model import Crash, Step
from grader.protocol.messages import sentence

OUTSIDE = ("in", "out", "eof")  # where the run meets its surroundings: it shows what came of it, not why


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The code, why it came about in a sentence and the steps that show it, what was believed (None: nothing
    that has a name), the fix, the lesson that teaches it, and the exception that it ended by, if it did.
    Where the sentence says only where everybody stands, `is_known` is false: that is no cause.

    Where somebody waits for ever there is no step any more: then one is made from where it stands, with a
    number behind the last.
    """

    code: str
    sentence: str
    steps: tuple[Step, ...]
    misconception: Misconception | None
    fix: str
    lesson: str
    crash: Crash | None = None
    is_known: bool = True

    @property
    def spot(self) -> tuple[str, int | None]:
        """The file and line to look at first: where the exception came, else the last step that matters."""
        if self.crash is not None and self.crash.line:
            return self.crash.file, self.crash.line
        inside = [step for step in self.steps if step.op not in OUTSIDE] or self.steps
        return (inside[-1].file, inside[-1].line) if inside else ("", None)


CausePattern = Callable[[Evidence], Diagnosis | None]


def named(e: Evidence, name: str, why: CausalSentence, *, code: str, crash: Crash | None = None) -> Diagnosis:
    """The diagnosis that a misconception explains: its text has the fix and the lesson."""
    return told(e, code, why, name, crash=crash)


def told(
    e: Evidence,
    code: str,
    why: CausalSentence,
    name: str = "",
    *,
    fix: str = "",
    lesson: str = "",
    crash: Crash | None = None,
    is_known: bool = True,
) -> Diagnosis:
    """A diagnosis, by `name` if there is one; else with this fix, or what is known of its code."""
    text, steps = why
    ordered = {step.n: step for step in (*steps, *e.said) if step.line}  # none: in Python's own code
    believed = catalogue()[name] if name else None
    known = CODES.get(code)
    judged = e.run.findings[0] if e.run.findings and e.run.findings[0].code == code else None
    default = (judged.hint if judged else "") or (known.hint if known else "")
    teaches = (judged.lesson if judged else "") or (known.lesson if known else "")
    return Diagnosis(
        code,
        sentence(text) + "." if text else "",
        tuple(ordered[n] for n in sorted(ordered)),
        believed,
        believed.fix if believed else fix or default,
        believed.lesson if believed else lesson or teaches,
        crash,
        is_known,
    )
