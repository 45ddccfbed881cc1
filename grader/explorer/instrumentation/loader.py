"""Loading a node: its script with probes, and by an import hook the modules beside it."""

import ast
import collections
import contextlib
import importlib.machinery
import importlib.util
import os
import re
import sys
import sysconfig
import tokenize
import types
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib.machinery import ModuleSpec
from typing import Any

from grader.explorer.instrumentation.attributes import ANY, changing
from grader.explorer.instrumentation.data import STREAMS
from grader.explorer.instrumentation.hooks import Hooks
from grader.explorer.instrumentation.rewriter import Prober
from grader.explorer.runtime.context import is_running, scheduler
from grader.explorer.runtime.launch import Launch, NoSuchModule
from grader.explorer.runtime.sources import Site, Sources

IN_PYTHON = collections.UserDict, collections.UserList, collections.ChainMap
REDIRECTS = contextlib.redirect_stdout, contextlib.redirect_stderr  # they set variables of `sys`
WHO = {"current_thread", "currentThread", "get_ident", "native_id"}  # how a thread finds out which it is
_HERE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_KINDS = ("stdlib", "platstdlib", "purelib", "platlib")
_NOT_THEIRS = tuple(path + os.sep for path in (_HERE, *map(sysconfig.get_path, _KINDS)))


class LoadedProgram:
    """A node's code: compiled once, run in many processes."""

    def __init__(self, launch: Launch) -> None:
        self.launch, self.limits = launch, launch.policy.limits
        self.spec = _spec_of(launch) if launch.module else None
        self.file = file = (self.spec and self.spec.origin) or launch.script
        # As Python has it: a script finds what stands beside it, a module what is in the folder it runs in.
        self.sources = Sources(launch.folder if launch.module else os.path.dirname(file))
        self.sites: list[Site] = []
        self.stored: set[str] = set()
        self.words: set[str] = set()  # all that the source speaks of
        self.modules: set[str] = set()  # the names of its own
        self.spaces: dict[int, object] = {}  # by id, dicts that hold variables or attributes: whose they are
        text = read_source(file)
        self.mentioned: set[type] = set()  # classes of the library's
        self._look_ahead(file, text, set())
        self._give_probes()
        self.code = self.compile(text, file)

    def compile(self, text: str, file: str) -> types.CodeType:
        """The code of one file, with probes. Raises SyntaxError."""
        tree = ast.parse(text, file)
        self.sources.add(file, text)
        prober = Prober(file, tree, self.sites, self.stored | changing(tree))
        return compile(prober.rewrite(tree), file, "exec", dont_inherit=True)

    def _give_probes(self) -> None:
        """Let classes of the library's that are written in Python be watched as the node's own are."""
        for name in sorted({kind.__module__ for kind in self.mentioned}):
            kinds = {kind for kind in self.mentioned if kind.__module__ == name}
            self._give_probes_of(sys.modules[name], kinds)

    def _give_probes_of(self, module: types.ModuleType, kinds: set[type]) -> None:
        """The same for these, which are of this module."""
        file = module.__file__
        assert file is not None
        with open(file, encoding="utf-8") as opened:
            library = ast.parse(opened.read(), file)
        names = {kind.__name__ for kind in kinds}
        kept = [node for node in library.body if isinstance(node, ast.ClassDef) and node.name in names]
        tree = ast.Module(list[ast.stmt](kept), [])
        namespace = {**vars(module), "__name__": "__main__"}
        self.prepare(namespace)
        prober = Prober(file, tree, self.sites, set())
        exec(compile(prober.rewrite(tree), file, "exec", dont_inherit=True), namespace)
        for kind in kinds:
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
        self.stored |= changing(tree)
        self.words |= set(re.findall(r"\w+", text))
        self.mentioned |= {kind for kind in IN_PYTHON if kind.__name__ in text}
        if self.words & {kind.__name__ for kind in REDIRECTS}:
            self.mentioned |= {base for kind in REDIRECTS for base in kind.__mro__[:2]}
            self.stored |= STREAMS
        folder = self.sources.folder
        for node in ast.walk(tree):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or "", *(alias.name for alias in node.names)]
            for path in _beside(names, os.path.dirname(file), folder):
                if path not in seen and os.path.isfile(path):
                    seen.add(path)
                    with suppress(SyntaxError):  # told when it is imported, if it is
                        self._look_ahead(path, read_source(path), seen)

    @property
    def tells_threads_apart(self) -> bool:
        return bool(self.words & WHO)

    @property
    def changes_streams(self) -> bool:
        """Whether `sys.stdout` and its like may become others."""
        by_name = ANY in self.stored and "setattr" in self.words and bool(self.words & STREAMS)
        return by_name or bool(self.stored & STREAMS)

    def with_probes(self, module: types.ModuleType) -> dict[str, Any]:
        """A module of the library's that is written in Python, run anew with probes: its variables."""
        assert module.__file__ is not None
        with open(module.__file__, encoding="utf-8") as opened:
            tree = ast.parse(opened.read(), module.__file__)
        prober = Prober(module.__file__, tree, self.sites, self.stored | changing(tree))
        namespace: dict[str, Any] = {"__name__": module.__name__}
        self.prepare(namespace)
        exec(compile(prober.rewrite(tree), module.__file__, "exec", dont_inherit=True), namespace)
        return namespace

    def prepare(self, namespace: dict[str, Any]) -> None:
        """Put what the probes call into a module."""
        self.modules.add(namespace.get("__name__", "__main__"))
        self.spaces[id(namespace)] = namespace
        namespace.update(Hooks(self.sites, namespace, self.spaces).namespace())

    def run(self) -> None:
        """Run the script as `__main__`, in this process."""
        module = types.ModuleType("__main__")
        module.__dict__.update(__file__=self.file, __builtins__=__builtins__)
        self.prepare(module.__dict__)
        sys.modules["__main__"] = module
        sys.argv = [self.file, *self.launch.args]
        sys.path.insert(0, self.sources.folder)
        sys.meta_path.insert(0, _Finder(self))
        if self.launch.unbuffered:
            sys.stdout.reconfigure(write_through=True)  # type: ignore[union-attr]
        if self.spec:
            module.__spec__, module.__package__ = self.spec, self.spec.parent
            if self.spec.parent:
                importlib.import_module(self.spec.parent)
        exec(self.code, module.__dict__)


def _spec_of(launch: Launch) -> ModuleSpec:
    """Where the module behind -m is; a package is run by its `__main__`. Nothing of it is imported yet.

    Raises NoSuchModule.
    """
    places: list[str] | None = [launch.folder, *sys.path]
    name, spec = "", None
    for part in launch.module.split("."):
        name = f"{name}.{part}" if name else part
        spec = importlib.machinery.PathFinder.find_spec(name, places)
        if spec is None:
            raise NoSuchModule(f"no module named {name}")
        places = list(spec.submodule_search_locations or ())
    if spec is not None and spec.submodule_search_locations is not None:
        spec = importlib.machinery.PathFinder.find_spec(f"{name}.__main__", places)
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        raise NoSuchModule(f"{launch.module} can't be run: it has no __main__ in Python")
    return spec


def _beside(names: Sequence[str], *folders: str) -> Iterator[str]:
    """The files that modules of these names may be in, seen from these folders."""
    for folder in dict.fromkeys(folders):
        for name in names:
            parts = name.split(".")
            for path in (os.path.join(folder, *parts), os.path.join(folder, parts[-1])):
                yield f"{path}.py"
                yield os.path.join(path, "__init__.py")


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


def read_source(file: str) -> str:
    """A file's text as Python reads it: in the encoding that it names, without a byte order mark.

    Raises SyntaxError where Python would.
    """
    try:
        with tokenize.open(file) as opened:
            return opened.read()
    except UnicodeDecodeError as error:
        raise SyntaxError(f"(unicode error) {error}", (file, 1, 1, "")) from None


def _is_ours(file: str) -> bool:
    """Whether a module is Python's, an installed package's, or the grader's: those have no probes."""
    return file.startswith(_NOT_THEIRS)
