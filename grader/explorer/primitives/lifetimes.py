"""The lives of objects: the explorer keeps none alive whose end the node could notice.

The collector is off, since it would run the node's code anywhere. So what only it would end is looked for when
a run is over; if the node could notice, nothing is known.
"""

import gc
import weakref

from grader.explorer.runtime.interfaces import Program

NOTICE = {"__del__", "weakref", "finalize", "getrefcount", "get_referrers"}  # how an end is noticed
WAITS = "it depends on when Python's collector frees an object of {name}"


def matter(program: Program) -> bool:
    """Whether the node may notice that an object has ended."""
    return bool(program.words & NOTICE)


def waits_for_the_collector(program: Program) -> str:
    """Why garbage in cycles matters, if the node could notice when it is collected; else empty."""
    if not matter(program):
        return ""
    gc.set_debug(gc.DEBUG_SAVEALL)
    gc.collect()
    for thing in gc.garbage:
        kind = type(thing)
        is_noticed = hasattr(kind, "__del__") or weakref.getweakrefcount(thing) > 0
        if kind.__module__ in program.modules and is_noticed:
            return WAITS.format(name=kind.__qualname__)
    return ""
