"""The exploring process: reads a job, installs the stand-ins, loads the node, and sends what it finds.

It is a process of its own since threads and clocks are never the same in it again, and since it may have to
be given up on. It never runs the node's code itself: that is for its forks.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grader.cases.model import Case
from grader.explorer.runtime.launch import Launch, NoSuchModule
from grader.explorer.search.framing import Letters, letter

if TYPE_CHECKING:
    from grader.explorer.instrumentation.loader import LoadedProgram
    from grader.explorer.trace.model import Replayable


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of a tree: so many positions at most, all of them behind these moves from the start.

    `choices` is where the choices are, as an earlier tree of the case had them: else the moves mean others.
    """

    most: int
    after: tuple[int, ...] = ()
    choices: "Replayable | None" = None


@dataclass(frozen=True, slots=True)
class Job:
    """What to do: search these cases, make a run of the first again and the one beside it, or grow its tree."""

    launch: Launch
    cases: tuple[Case, ...]
    budget: float
    seed: int = 0
    again: "Replayable | None" = None
    seat: "Wanted | None" = None  # the tree for the seat, of the first case


@dataclass(frozen=True, slots=True)
class Refused:
    """The node can't be explored, or we have failed; the text says why."""

    text: str
    ours: bool = False


class _Lent:
    """Finds the packages that the explorer needs where the grader has them, if this Python hasn't."""

    def __init__(self, folders: Mapping[str, str]) -> None:
        self.folders = folders

    def find_spec(self, name: str, path: object, _target: object = None) -> Any:
        from importlib.machinery import PathFinder

        if path is None and name in self.folders:
            return PathFinder.find_spec(name, [self.folders[name]])
        return None


def main(reading: int, writing: int, lent: Mapping[str, str]) -> None:
    """Read a job from one pipe, and tell results on the other. `lent` are folders of packages, by their names.

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

    sys.meta_path.append(_Lent(lent))
    try:
        import greenlet  # noqa: F401
    except ImportError:
        version = ".".join(map(str, sys.version_info[:2]))
        tell(Refused(f"Python {version} lacks the package greenlet: {sys.executable} -m pip install greenlet"))
        return

    def tell_all(messages: Callable[[], Iterator[object]]) -> None:
        try:
            for message in messages():
                tell(message)
        except NoSuchModule as error:
            tell(Refused(str(error)))
        except SyntaxError as error:
            tell(Refused(f"{error.msg} (line {error.lineno})"))
        except BaseException:
            import traceback

            tell(Refused(traceback.format_exc(), ours=True))

    if job.again is None and job.seat is None:
        tell_all(lambda: _search(job, reading, tell_all))
    else:
        tell_all(lambda: _one_case(job))


def prepare(launch: Launch) -> "LoadedProgram":
    """Replace what would escape the scheduler, for the rest of this process's life, and load the node."""
    from grader.explorer.primitives import installation

    installation.install()
    import gc

    from grader.explorer.instrumentation.loader import LoadedProgram

    program = LoadedProgram(launch)
    installation.adapt(program)
    gc.collect()
    gc.freeze()
    return program


def _search(
    job: Job, stop: int, tell_all: Callable[[Callable[[], Iterator[object]]], None]
) -> Iterator[object]:
    """Search all cases: from one start of the node's, or else from a start for each tree."""
    program = prepare(job.launch)
    from grader.explorer.search.engine import search
    from grader.explorer.search.starting import search_from_one_start

    def found() -> Iterator[object]:
        return search(program, job.cases, job.budget, job.seed, stop=stop, private=private)

    private = os.environ["TMPDIR"]
    if not search_from_one_start(program, lambda: tell_all(found), stop):
        yield from found()


def _one_case(job: Job) -> Iterator[object]:
    """A run of the first case again, and the one beside it; or its tree for the seat."""
    program = prepare(job.launch)
    from grader.explorer.runtime.worker import Places

    if job.again is not None:
        from grader.explorer.search.counterexample import again

        places = Places(set(job.again.racy), set(job.again.shared))
        yield from again(program, job.cases[0], job.seed, places, job.again)
    elif job.seat is not None:
        from grader.explorer.search.seat_tree import grow

        wanted = job.seat
        yield from grow(program, job.cases[0], wanted.after, wanted.most, job.budget, wanted.choices)
