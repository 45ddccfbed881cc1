"""The three versions side by side: the same parts, in the same order, under the same names."""

from __future__ import annotations

import ast
import re

from tests.reference.conftest import MODELS, REFERENCE

PARTS = ["read", "init", "dispatch", "guard", "reply", "drain"]
SHARED = ["run", "pause", "init", "dispatch", "handle", "say", "resume", "reply", "rpc", "drain"]


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


def test_about_the_same_length() -> None:
    lengths = [len(source(model).splitlines()) for model in MODELS]
    assert max(lengths) < 1.5 * min(lengths)


def test_the_public_methods_are_documented(model: str) -> None:
    tree = ast.parse(source(model))
    for each in ast.walk(tree):
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and each.name in SHARED:
            assert ast.get_docstring(each), each.name


def test_nothing_is_taken_from_the_grader() -> None:
    for file in REFERENCE.glob("*.py"):
        assert "grader" not in file.read_text()
