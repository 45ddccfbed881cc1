"""Which cases are run: by suite, by id, and renamed by a seed."""

import os
from collections.abc import Sequence

from grader.cases.model import Case
from grader.cases.parser import built_in_names, load
from grader.cases.rename import rename

INTERLEAVING = "interleaving"  # the suite whose cases the explorer runs
DEFAULT_SUITES = ("async-handler", "rpc", INTERLEAVING)


class NoSuchCase(Exception):
    """A case was asked for that none of the suites has; the text names those that there are."""


def suites_of(named: Sequence[str], also: Sequence[str]) -> list[str]:
    """What is graded where these suites were named, and these besides: those, or else the default ones."""
    return [*(named or (DEFAULT_SUITES if also else ())), *also]


def select(
    suites: Sequence[str] = (), ids: Sequence[str] = (), seed: int = 0, but: Sequence[str] = ()
) -> list[Case]:
    """The cases of these suites (of the default ones if none is named), or those of them with these ids.

    `but` are the ids of cases that are left out.

    Raises CaseFileError for a suite that is missing or broken, NoSuchCase for an id that none has.
    """
    cases = [case for name in _once(suites or DEFAULT_SUITES) for case in load(name).cases]
    known = [case.id for case in cases]
    for wanted in (*ids, *but):
        if wanted not in known:
            raise NoSuchCase(
                f"no case {wanted} in {', '.join(suites or DEFAULT_SUITES)}; {_near(wanted, known)}"
            )
    chosen = [case for case in cases if (not ids or case.id in ids) and case.id not in but]
    if but and not chosen:
        raise NoSuchCase(f"no case is left: {', '.join(but)} left out")
    return [rename(case, seed) for case in chosen]


def _once(suites: Sequence[str]) -> list[str]:
    """Each suite once, however often and by whatever path it was named."""
    known = built_in_names()
    return list({name if name in known else os.path.realpath(name): name for name in suites}.values())


def _near(wanted: str, known: Sequence[str]) -> str:
    import difflib

    near = difflib.get_close_matches(wanted, known, 3, 0.4)
    return f"did you mean {' or '.join(near)}?" if near else "grader cases lists them"
