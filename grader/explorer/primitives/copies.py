"""What stands in for `copy` and the copies of `dataclasses`: Python's own, with probes.

They go through containers in Python, and call the node's own code on the way: others may come in between.
"""

import copy
import dataclasses
import types
from typing import Any

from grader.explorer.runtime.interfaces import Program


def install(program: Program) -> None:
    """Give probes to those that the node speaks of."""
    for module, words in ((copy, {"deepcopy", "copy"}), (dataclasses, {"asdict", "astuple"})):
        if module.__name__ in program.words and program.words & words:
            _give_probes(program, module)


def _give_probes(program: Program, module: types.ModuleType) -> None:
    """The functions stay the same objects: who has imported one already has it with probes, too."""
    inside = program.with_probes(module)
    for name, function in list(vars(module).items()):
        probed: Any = inside.get(name)
        is_same = isinstance(function, types.FunctionType) and isinstance(probed, types.FunctionType)
        if is_same and function.__code__.co_freevars == probed.__code__.co_freevars:
            function.__code__ = probed.__code__
    vars(module).update({name: hook for name, hook in inside.items() if name not in vars(module)})
