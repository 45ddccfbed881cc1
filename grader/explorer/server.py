"""The exploring process: reads a job, installs the stand-ins, loads the node, and sends what it finds.

It is a process of its own since threads and clocks are never the same in it again, and since it may have to
be given up on. It never runs the node's code itself: that is for its forks.
"""

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grader.cases.model import Case
from grader.explorer.search.framing import Letters, letter

if TYPE_CHECKING:
    from grader.explorer.instrumentation.loader import LoadedProgram
    from grader.explorer.trace.model import Replayable


@dataclass(frozen=True, slots=True)
class Job:
    """What to do: search these cases, or make a run of the first of them again, and the one beside it."""

    file: str
    cases: tuple[Case, ...]
    budget: float
    seed: int = 0
    again: "Replayable | None" = None
    is_seat: bool = False  # stop at the choice behind those of `again`; without it, learn where choices are


@dataclass(frozen=True, slots=True)
class Refused:
    """The node can't be explored, or we have failed; the text says why."""

    text: str
    ours: bool = False


def main(reading: int, writing: int) -> None:
    """Read a job from one pipe, and tell results on the other.

    Once the first is closed, whoever gave the job wants no more than what is known, or is gone. A job is light:
    what it takes to read it knows no threads and no loops, which could not be replaced any more.
    """
    write = os.write
    letters = Letters()
    job: object = None
    while job is None and (chunk := os.read(reading, 1 << 20)):
        job = next(letters.feed(chunk), None)
    assert isinstance(job, Job)
    assert "asyncio" not in sys.modules

    def tell(message: object) -> None:
        text = letter(message)
        while text:
            text = text[write(writing, text) :]

    try:
        for message in _work(job, reading):
            tell(message)
    except SyntaxError as error:
        tell(Refused(f"{error.msg} (line {error.lineno})"))
    except BaseException:
        import traceback

        tell(Refused(traceback.format_exc(), ours=True))


def prepare(file: str) -> "LoadedProgram":
    """Replace what would escape the scheduler, for the rest of this process's life, and load the node."""
    from grader.explorer.primitives import installation

    installation.install()
    import gc

    from grader.explorer.instrumentation.loader import LoadedProgram

    program = LoadedProgram(file)
    gc.collect()
    gc.freeze()
    return program


def _work(job: Job, stop: int) -> Any:
    program = prepare(job.file)
    from grader.explorer.runtime.worker import Places
    from grader.explorer.search.engine import learn, search
    from grader.explorer.search.execution_tree import follow

    if job.again is not None:
        places = Places(set(job.again.racy), set(job.again.shared))
        for choices in (job.again.choices, job.again.passing):
            if choices is not None:
                yield follow(program, job.cases[0], places, choices, record=True, pause=job.is_seat)
    elif job.is_seat:
        yield learn(program, job.cases[0], job.budget)
    else:
        yield from search(program, job.cases, job.budget, job.seed, stop=stop, private=os.environ["TMPDIR"])
