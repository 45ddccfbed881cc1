"""The house keeps its shape: imports run one way, down the shelves, and never in a circle."""

import ast
import importlib
import re
import sys
from collections import defaultdict
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# From the ground up: a shelf imports from itself and from shelves below it.
SHELVES = (
    "grader.protocol",
    "grader.cases",
    "grader.sandbox",
    "grader.conversation",
    "grader.checks",
    "grader.explorer.coverage",
    "grader.explorer.runtime",
    "grader.explorer.trace",
    "grader.explorer.instrumentation",
    "grader.explorer.primitives",
    "grader.explorer.diagnosis",
    "grader.explorer.search",
    "grader.explorer",
    "grader.seat",
    "grader.grading",
    "grader.recording",
    "grader.diagrams",
    "grader.reports",
    "grader.templates",
    "grader.notebook",
    "grader.classes",
    "grader.watch",
    "grader.commands",
    "grader",
)


def modules() -> dict[str, Path]:
    """The package's modules by their names; a package by its own."""
    found = {}
    for path in sorted((ROOT / "grader").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(path: Path, known: dict[str, Path]) -> set[str]:
    """The modules of ours that a file imports anywhere, for types only, too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: imports here are written out in full"
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                found.add(name if name in known else node.module or "")
    return found & known.keys()


def graph() -> dict[str, set[str]]:
    known = modules()
    return {name: imports(path, known) - {name} for name, path in known.items()}


def depth(module: str) -> int:
    """How high the shelf stands on which a module does: the most particular name counts."""
    shelf = max((s for s in SHELVES if f"{module}.".startswith(f"{s}.")), key=len)
    return SHELVES.index(shelf)


def circle(imported: dict[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(imported).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_circle_of_imports_types_included() -> None:
    assert circle(graph()) == []


def test_a_circle_is_noticed() -> None:
    known = graph()
    known["grader.protocol.messages"].add("grader.cli")
    assert {"grader.protocol.messages", "grader.cli"} <= set(circle(known))


def test_imports_go_down_the_shelves() -> None:
    wrong = [
        f"{module} imports {other}"
        for module, others in graph().items()
        for other in others
        if depth(other) > depth(module)
    ]
    assert wrong == []


def named_types(path: Path) -> set[str]:
    """The classes and type aliases of a module, without the underscore of those that are its own."""
    found = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.ClassDef):
            found.add(node.name.lstrip("_"))
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id.lstrip("_")
            if name[0].isupper() and not name.isupper():
                found.add(name)
    return found


def test_a_type_has_a_name_of_its_own() -> None:
    """Stand-ins are called as what they stand for, and the templates are nodes of the learner's."""
    where = defaultdict(list)
    for module, path in modules().items():
        if not module.startswith(("grader.explorer.primitives", "grader.templates")):
            for name in named_types(path):
                where[name].append(module)
    assert {name: found for name, found in where.items() if len(found) > 1} == {}


DOCUMENTS = ("ARCHITECTURE.md", "CONTRIBUTING.md")


def paths_in(document: str) -> list[str]:
    """What looks like a file or a folder of ours between backquotes."""
    quoted = re.findall(r"`([\w./-]+)`", (ROOT / document).read_text("utf-8"))
    return [path for path in quoted if path.endswith(("/", ".py", ".md", ".json", ".jsonl", ".toml"))]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_a_document_names_is_there(document: str) -> None:
    paths = paths_in(document)
    places = [ROOT, ROOT / "grader", *(path for path in (ROOT / "grader").rglob("*") if path.is_dir())]
    missing = [path for path in paths if not any((place / path).exists() for place in places)]
    assert len(paths) > 10
    assert missing == []


def test_each_shelf_is_in_the_table() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    shelves = {path.parent.relative_to(ROOT) for path in modules().values()} - {Path("grader")}
    missing = [str(shelf) for shelf in shelves if not re.search(rf"`({shelf}|{shelf.name})/`", text)]
    assert missing == []


def private_names() -> list[tuple[str, tuple[int, ...]]]:
    rows = re.findall(
        r"^\| `([\w.]+)` \| (\d\.\d+) \|", (ROOT / "ARCHITECTURE.md").read_text("utf-8"), re.MULTILINE
    )
    return [(name, tuple(map(int, since.split(".")))) for name, since in rows]


@pytest.mark.parametrize(("name", "since"), private_names())
def test_this_python_has_the_private_names_that_we_use(name: str, since: tuple[int, ...]) -> None:
    if sys.version_info < since:
        pytest.skip(f"since Python {'.'.join(map(str, since))}")
    parts = name.split(".")
    for place in range(len(parts), 0, -1):
        with suppress(ImportError):
            found = importlib.import_module(".".join(parts[:place]))
            for part in parts[place:]:
                found = getattr(found, part)
            return
    pytest.fail(f"no module of {name}")
