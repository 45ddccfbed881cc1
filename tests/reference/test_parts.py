"""The three versions side by side: the same parts, in the same order, under the same names."""

from __future__ import annotations

import ast
import re

from tests.reference.conftest import REFERENCE

PARTS = ["read", "init", "dispatch", "guard", "reply", "drain"]
SHARED = [
    "run", "pause", "init", "dispatch", "handle", "end_turn", "write", "resume", "reply", "rpc", "drain",
]  # fmt: skip


def source(model: str) -> str:
    return (REFERENCE / f"{model}.py").read_text()


def methods(model: str) -> list[str]:
    tree = ast.parse(source(model))
    classes = [each for each in tree.body if isinstance(each, ast.ClassDef)]
    (node,) = [each for each in classes if each.name == "Node"]
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [each.name for each in node.body if isinstance(each, functions)]


def test_the_six_parts_in_order(model: str) -> None:
    assert re.findall(r"^    # --- (\w+) ---$", source(model), re.MULTILINE) == PARTS


def test_no_part_is_empty(model: str) -> None:
    parts = re.split(r"^    # --- \w+ ---$", source(model), flags=re.MULTILINE)[1:]
    assert all("    def " in part or "    async def " in part for part in parts)


def test_the_same_methods_in_the_same_order(model: str) -> None:
    assert [name for name in methods(model) if name in SHARED] == SHARED


def code(model: str) -> list[str]:
    """Its lines without docstrings, comments and empty ones."""
    text = source(model)
    strings = [each for each in ast.walk(ast.parse(text)) if isinstance(each, ast.Expr)]
    strings = [each for each in strings if isinstance(each.value, ast.Constant)]
    docs = {n for each in strings for n in range(each.lineno, (each.end_lineno or 0) + 1)}
    lines = [line.strip() for n, line in enumerate(text.splitlines(), 1) if n not in docs]
    return [line for line in lines if line and not line.startswith("#")]


def test_it_can_be_read_at_a_sitting(model: str) -> None:
    assert len(code(model)) <= 180


def test_a_diff_shows_the_model_and_nothing_else() -> None:
    """Threads and queues differ in what guards the order; the parts around it are the same."""
    threads, queues = source("with_threads"), source("with_queues")
    for part in ("init", "reply"):
        one, two = (text.split(f"# --- {part} ---")[1].split("# ---")[0] for text in (threads, queues))
        assert one == two, part


def test_the_public_methods_are_documented(model: str) -> None:
    tree = ast.parse(source(model))
    for each in ast.walk(tree):
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and each.name in SHARED:
            assert ast.get_docstring(each), each.name


def test_nothing_is_taken_from_the_grader() -> None:
    for file in REFERENCE.glob("*.py"):
        assert "grader" not in file.read_text()
