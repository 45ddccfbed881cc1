"""Loading a node: its script with probes, and by an import hook the modules beside it."""

import ast
import collections
import importlib.machinery
import importlib.util
import os
import sys
import sysconfig
import types
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from typing import Any

from grader.explorer.instrumentation.hooks import Hooks
from grader.explorer.instrumentation.rewriter import Prober
from grader.explorer.instrumentation.scopes import stored_names
from grader.explorer.runtime.context import is_running, scheduler
from grader.explorer.runtime.sources import Site, Sources

IN_PYTHON = collections.UserDict, collections.UserList, collections.ChainMap
_HERE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_KINDS = ("stdlib", "platstdlib", "purelib", "platlib")
_NOT_THEIRS = tuple(path + os.sep for path in (_HERE, *map(sysconfig.get_path, _KINDS)))


class LoadedProgram:
    """A node's code: compiled once, run in many processes."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.sources = Sources(os.path.dirname(file))
        self.sites: list[Site] = []
        self.stored: set[str] = set()
        self.spaces: dict[int, object] = {}  # by id, dicts that hold variables or attributes: whose they are
        with open(file, encoding="utf-8") as opened:
            text = opened.read()
        self.mentioned: set[type] = set()  # classes of the library's
        self._look_ahead(file, text, set())
        self._give_probes()
        self.code = self.compile(text, file)

    def compile(self, text: str, file: str) -> types.CodeType:
        """The code of one file, with probes. Raises SyntaxError."""
        tree = ast.parse(text, file)
        self.sources.add(file, text)
        prober = Prober(file, tree, self.sites, self.stored | stored_names(tree))
        return compile(prober.rewrite(tree), file, "exec", dont_inherit=True)

    def _give_probes(self) -> None:
        """Let classes of the library's that are written in Python be watched as the node's own are."""
        if not self.mentioned:
            return
        file = collections.__file__
        with open(file, encoding="utf-8") as opened:
            library = ast.parse(opened.read(), file)
        names = {kind.__name__ for kind in self.mentioned}
        kept = [node for node in library.body if isinstance(node, ast.ClassDef) and node.name in names]
        tree = ast.Module(list[ast.stmt](kept), [])
        namespace = dict(vars(collections))
        self.prepare(namespace)
        prober = Prober(file, tree, self.sites, set())
        exec(compile(prober.rewrite(tree), file, "exec", dont_inherit=True), namespace)
        for kind in self.mentioned:
            probed, namespace[kind.__name__] = namespace[kind.__name__], kind
            for name, method in vars(probed).items():
                if isinstance(method, types.FunctionType):
                    setattr(kind, name, method)

    def _look_ahead(self, file: str, text: str, seen: set[str]) -> None:
        """What the modules beside it assign may be an attribute that this one reads."""
        try:
            tree = ast.parse(text, file)
        except SyntaxError:
            return
        self.stored |= stored_names(tree)
        self.mentioned |= {kind for kind in IN_PYTHON if kind.__name__ in text}
        folder = self.sources.folder
        for node in ast.walk(tree):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or "", *(alias.name for alias in node.names)]
            for name in names:
                path = os.path.join(folder, *name.split(".")[-1:]) + ".py"
                if path not in seen and os.path.isfile(path):
                    seen.add(path)
                    with open(path, encoding="utf-8") as opened:
                        self._look_ahead(path, opened.read(), seen)

    def prepare(self, namespace: dict[str, Any]) -> None:
        """Put what the probes call into a module."""
        self.spaces[id(namespace)] = namespace
        namespace.update(Hooks(self.sites, namespace, self.spaces).namespace())

    def run(self) -> None:
        """Run the script as `__main__`, in this process."""
        module = types.ModuleType("__main__")
        module.__dict__.update(__file__=self.file, __builtins__=__builtins__)
        self.prepare(module.__dict__)
        sys.modules["__main__"] = module
        sys.argv = [self.file]
        sys.path.insert(0, self.sources.folder)
        sys.meta_path.insert(0, _Finder(self))
        exec(self.code, module.__dict__)


class _Finder:
    """Finds modules where Python does; those that are the learner's own get probes."""

    def __init__(self, program: LoadedProgram) -> None:
        self.program = program

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or spec.origin is None or not spec.origin.endswith(".py") or _is_ours(spec.origin):
            return None
        spec.loader = _Loader(name, spec.origin, self.program)
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, name: str, path: str, program: LoadedProgram) -> None:
        super().__init__(name, path)
        self.program = program

    def get_code(self, fullname: str) -> types.CodeType:  # noqa: ARG002 - its caller names it
        data = self.get_data(self.path)
        return self.program.compile(importlib.util.decode_source(data), self.path)

    def exec_module(self, module: types.ModuleType) -> None:
        self.program.prepare(module.__dict__)
        if not is_running():
            super().exec_module(module)
            return
        run = scheduler()
        run.quiet += 1  # nobody else gets a turn while a module is half there
        try:
            super().exec_module(module)
        finally:
            run.quiet -= 1


def _is_ours(file: str) -> bool:
    """Whether a module is Python's, an installed package's, or the grader's: those have no probes."""
    return file.startswith(_NOT_THEIRS)
