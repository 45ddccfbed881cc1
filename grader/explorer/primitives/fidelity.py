"""What a stand-in lacks of the class that it stands for is our fault, never the node's."""

import dis
import types
from typing import Any, ClassVar

from grader.explorer.runtime.context import is_running, scheduler

LACKS = "it uses {kind}.{name}, which the explorer's stand-in does not have"


class StandIn:
    """A class that stands for one of the library's: what only that has ends the exploration as an escape."""

    _original: ClassVar[type]

    def __getattr__(self, name: str) -> Any:
        original = type(self)._original
        if is_running() and has(original, name):
            run = scheduler()
            run.finish(run, LACKS.format(kind=original.__name__, name=name))
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)


def has(kind: type, name: str) -> bool:
    """Whether objects of this class have such an attribute: of the class, or one that its methods give them."""
    if name.startswith("__"):
        return False
    for base in kind.__mro__:
        for known, value in vars(base).items():
            if known == name:
                return True
            if isinstance(value, types.FunctionType) and name in _given(value.__code__):
                return True
    return False


def _given(code: types.CodeType) -> set[str]:
    """The attributes that this code sets. What it only reads may be of other objects."""
    return {step.argval for step in dis.get_instructions(code) if step.opname == "STORE_ATTR"}
