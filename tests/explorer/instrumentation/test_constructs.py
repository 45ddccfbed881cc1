"""Every construct of Python's grammar that binds, reads or deletes is watched, in every scope."""

import ast

import pytest

from grader.explorer.instrumentation.attributes import changing
from grader.explorer.instrumentation.constructs import BINDS, NAMES_NOTHING, with_identifiers
from grader.explorer.instrumentation.rewriter import Prober
from grader.explorer.runtime.sources import Site

# How each construct binds `x`; what stands around it makes `x` a variable that functions share.
BINDINGS = {
    "assignment": "x = 1",
    "in a tuple": "x, y = 1, 2",
    "with a star": "y, *x = 1, 2",
    "in a list": "[y, [x]] = 1, [2]",
    "annotated": "y: int = 0; x = y",
    "augmented": "x += 1",
    "walrus": "print(x := 1)",
    "walrus in a comprehension": "[(x := n) for n in [1]]",
    "for": "for x in [1]: pass",
    "for in a tuple": "for y, x in [(1, 2)]: pass",
    "with": "with open('f') as x: pass",
    "with, the second": "with open('f') as y, open('g') as x: pass",
    "except": "try: pass\nexcept OSError as x: pass",
    "import": "import os as x",
    "import of a package": "import x.y",
    "from import": "from os import path as x",
    "def": "def x(): pass",
    "async def": "async def x(): pass",
    "class": "class x: pass",
    "match": "match 1:\n    case x: pass",
    "match as": "match 1:\n    case int() as x: pass",
    "match with a star": "match [1]:\n    case [_, *x]: pass",
    "match of a mapping": "match {}:\n    case {'k': x}: pass",
    "match of the rest": "match {}:\n    case {'k': 1, **x}: pass",
    "match of a class": "match 1:\n    case int(real=x): pass",
    "del": "del x",
}
AROUND = {
    "the module": "{first}\ndef look(): return x\n{first}\nlook()\n{binding}\n",
    "a global": "{first}\ndef look(): return x\ndef bind():\n    global x\n    {inner}\n",
    "a cell": "def around():\n    {first}\n    def look(): return x\n    {inner}\n    return look\n",
    "nonlocal": "def around():\n    {first}\n    def bind():\n        nonlocal x\n        {deep}\n"
    "    return bind, x\n",
}


def sites(source: str) -> list[Site]:
    tree, found = ast.parse(source), list[Site]()
    compile(Prober("a.py", tree, found, changing(tree)).rewrite(tree), "a.py", "exec")
    return found


def test_the_tables_are_those_of_this_python_s_grammar() -> None:
    assert set(with_identifiers()) - set(BINDS) - set(NAMES_NOTHING) == set()
    assert set(BINDS) & set(NAMES_NOTHING) == set()


@pytest.mark.parametrize("scope", AROUND)
@pytest.mark.parametrize("binding", BINDINGS)
def test_whatever_binds_a_shared_name_is_watched(binding: str, scope: str) -> None:
    text = BINDINGS[binding]
    source = AROUND[scope].format(
        first="x = 0",
        binding=text,
        inner=text.replace("\n", "\n    "),
        deep=text.replace("\n", "\n        "),
    )
    if scope == "nonlocal" or (scope == "a cell" and binding == "def"):
        source = source.replace("return bind, x", "return bind, lambda: x")
    first = min(n for n, line in enumerate(source.split("\n"), 1) if text.split("\n")[0].strip() in line)
    written = {site.line for site in sites(source) if site.name == "x" and site.writes}
    assert any(line >= first for line in written)


@pytest.mark.parametrize(
    "read",
    ["x", "f'{x}'", "f'{0:{x}}'", "[x for _ in (1,)]", "(lambda: x)()", "x + 1", "print(*[x])", "(x, 1)"],
)
def test_whatever_reads_one_is_watched(read: str) -> None:
    found = sites(f"x = 0\ndef set():\n    global x\n    x = 1\ndef look():\n    return {read}\n")
    assert any(site.name == "x" and site.reads and site.line == 6 for site in found)


def test_what_is_bound_once_at_the_beginning_costs_nothing() -> None:
    source = (
        "import json, threading\nlock = threading.Lock()\ntable = {}\ndef go():\n    return lock, table, json\n"
    )
    assert not [site for site in sites(source) if site.name in ("lock", "table", "json")]


@pytest.mark.parametrize(
    ("made", "changes"),
    [
        ("self.n = 0", False),
        ("self.n = 0; everybody.append(self)", False),
        ("everybody.append(self); self.n = 0", True),
        ("self.start(); self.n = 0", True),
        ("super().__init__(); self.n = 0", False),
    ],
)
def test_what_init_assigns_before_it_lets_anybody_know_does_not_change(made: str, changes: bool) -> None:
    tree = ast.parse(f"class A(B):\n    def __init__(self):\n        {made}\n")
    assert ("n" in changing(tree)) == changes


def test_what_init_assigns_changes_where_init_is_called_again() -> None:
    source = "class A:\n    def __init__(self, n=0): self.n = n\n    def again(self): self.__init__(1)\n"
    assert "n" in changing(ast.parse(source))
