"""Hashes of tasks, futures and threads that do not depend on addresses: sets of them keep their order."""

import asyncio
import itertools
import threading
from typing import Any

from grader.explorer.runtime import originals

_numbers = itertools.count(1)


def _number(thing: Any) -> int:
    """In place of its address: a number of its own, the same in every run that goes the same way."""
    own = vars(thing)
    if "_explorer_number" not in own:
        own["_explorer_number"] = next(_numbers)
    number: int = own["_explorer_number"]
    return number


def install() -> None:
    from concurrent.futures import Future

    for kind in (asyncio.Future, Future, threading.Thread):
        originals.put(kind, __hash__=_number)
