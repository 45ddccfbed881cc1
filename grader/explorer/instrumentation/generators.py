"""The node's generators, also those of an event loop: each keeps something from one value to the next.

All that it keeps is one datum. Whoever asks for the next value goes on inside of it, and is outside again where
it brings one: nobody else is let in meanwhile.
"""

import gc
import types
from dataclasses import replace
from typing import Any

from grader.explorer.instrumentation.accesses import INSIDE
from grader.explorer.runtime.context import running, scheduler
from grader.explorer.runtime.resources import Resource
from grader.explorer.runtime.sources import Site
from grader.explorer.trace.model import RUNS, WAITS

GENERATORS = types.GeneratorType, types.AsyncGeneratorType


class Inside:
    """Stands for what a generator keeps from one value to the next: it itself may not be kept alive.

    Its datum is named after who began it, and when: what another begins in another run may have its address.
    """

    __slots__ = ("name", "state")

    def __init__(self, name: str) -> None:
        self.name = name
        self.state = RUNS


def begun() -> Inside:
    """What stands for a generator that begins."""
    if not running:
        return Inside("inside")
    worker = scheduler().current
    return Inside(f"inside {worker.number} {worker.seen}")


def has_probes(generator: Any) -> bool:
    """Whether it is one of the node's own."""
    code = generator.ag_code if isinstance(generator, types.AsyncGeneratorType) else generator.gi_code
    return INSIDE in code.co_varnames


def resume(generator: Any, site: Site) -> None:
    """The current worker is about to make this generator go on, which fails while it runs."""
    run = scheduler()
    if site.number in run.places.racy:
        run.step("touch")
    if runs := _runs(generator):
        run.note_seen("refused")
        run.sleepers.touch_all()  # it depends on who is inside, maybe of another that runs on its behalf
    inside = _inside(generator)
    if inside is not None:
        inside.state = RUNS if runs else WAITS
        _touch_at_once(inside, replace(site, reads=True, writes=False))


def resumed(inside: Inside, site: Site) -> None:
    """The current worker is inside, where it can be held."""
    inside.state = RUNS
    _touch_at_once(inside, site)
    run = scheduler()
    if site.number in run.places.racy:
        run.step("touch")


def left(inside: Inside, site: Site) -> None:
    """The current worker is about to be outside again, since a value is brought, or to have come to the end."""
    scheduler().touch(inside, inside.name, site.number, reads=False, writes=True)


def _inside(generator: Any) -> Inside | None:
    """What stands for what it keeps; None before it has begun, and once it has ended."""
    kept = next((kept for kept in gc.get_referents(generator) if isinstance(kept, Inside)), None)
    if kept is None and _runs(generator):  # older Pythons don't tell what a frame has that runs
        frame = generator.ag_frame if isinstance(generator, types.AsyncGeneratorType) else generator.gi_frame
        kept = frame.f_locals.get(INSIDE) if frame is not None else None
    return kept


def _runs(generator: Any) -> bool:
    is_asynchronous = isinstance(generator, types.AsyncGeneratorType)
    return bool(generator.ag_running if is_asynchronous else generator.gi_running)


def _touch_at_once(inside: Inside, site: Site) -> None:
    """Touch what a generator keeps, without a point before it."""
    run = scheduler()
    run.quiet += 1
    datum = run.access(inside, inside.name, site.number, reads=site.reads, writes=site.writes)
    run.observer.access(inside, "state", site, datum, kind=Resource.GENERATOR)
    run.quiet -= 1
