"""Probes change nothing: a program with them does what it does without."""

import ast
import gc
import io
from contextlib import redirect_stdout
from typing import Any

import pytest

from grader.explorer.instrumentation.attributes import changing
from grader.explorer.instrumentation.hooks import Hooks
from grader.explorer.instrumentation.rewriter import Prober
from grader.explorer.runtime.sources import Site

PROGRAMS = {
    "augmented attribute": """
class A:
    n = 1
    def go(self):
        self.n += 2
        return self.n
a = A(); print(a.go(), a.n, A.n)
""",
    "an owner is evaluated once": """
calls = []
def owner():
    calls.append(1)
    return box
class Box: pass
box = Box(); box.n = 0; box.d = {"k": [1]}
owner().n += 5
owner().d["k"] += [2]
print(box.n, box.d, len(calls))
""",
    "private names": """
class A:
    def __init__(self): self.__n = 3
    def more(self):
        self.__n += 1
        return self.__n, f"{self.__n!r:>4}"
print(A().more())
""",
    "global and nonlocal": """
n = 0
def count():
    global n
    n += 1
    m = 10
    def inner():
        nonlocal m
        m -= n
        return m
    return inner(), m, [n for _ in range(2)]
print(count(), count(), n)
""",
    "containers": """
d = {"a": 1}
d["b"] = d["a"] + 1
d["b"] *= 10
del d["a"]
print(d.get("x", 7), d.pop("b"), d.setdefault("c", []), "c" in d, "a" not in d, len(d), sorted(d))
l = [3, 1, 2]
l[0:2] = [9]
l[-1] += 1
print(l, [x for x in l if x in l], sum(l), max(l))
for k, v in {"p": 1, "q": 2}.items(): print(k, v)
s = {1}; s.add(2); s |= {3}; print(s)
""",
    "slots and properties": """
class A:
    __slots__ = ("x",)
    @property
    def twice(self): return self.x * 2
a = A(); a.x = 1; a.x += 1; print(a.twice)
""",
    "match": """
def kind(m):
    match m:
        case {"type": "echo", "body": [x, *_]} if x: return "echo", x
        case {"type": t}: return t
        case _: return None
print(kind({"type": "echo", "body": [1, 2]}), kind({"type": "z"}), kind(3))
""",
    "an error keeps its line": """
d = {}
try:
    d["no"] += 1
except KeyError as error:
    print(error, error.__traceback__.tb_lineno)
""",
    "await within": """
import asyncio
class A:
    n = 0
    async def more(self):
        await asyncio.sleep(0)
        return 2
    async def go(self):
        self.n += await self.more()
        self.d = {}
        self.d[await self.more()] = await self.more()
        return self.n, self.d
print(asyncio.run(A().go()))
""",
    "generators and loops": """
def numbers(n):
    while n:
        yield n
        n -= 1
print(list(numbers(3)), [y for x in [[1], [2]] for y in x])
i = iter([1, 2]); print(next(i), next(i), next(i, None))
""",
    "generators that are talked to": """
from contextlib import contextmanager
def adder(n=0):
    "Adds up."
    try:
        while True:
            try:
                n += yield n
            except KeyError as error:
                n = yield repr(error)
    finally:
        print("closed")
def outer(*inside):
    for each in inside:
        got = yield from each
        print("got", type(got))
    return (yield)
def returns():
    x = yield 1
    return x, (lambda: (yield 2))
@contextmanager
def around():
    print("in")
    try:
        yield "value"
    except ValueError:
        print("swallowed")
class Tree:
    def __init__(self, *below): self.below = below
    def __iter__(self):
        yield self
        for one in self.below: yield from one
print(adder.__doc__)
a = adder(1); print(next(a), a.send(2), a.throw(KeyError("k")), a.send(7)); a.close(); print(list(a))
o = outer(returns(), [5, 6], "z"); print(next(o), o.send(None), *o)
r = returns(); next(r)
try: r.send("s")
except StopIteration as stop: print(stop.value[0], *stop.value[1]())
with around() as value: raise ValueError(value)
print(len(list(Tree(Tree(), Tree(Tree())))), sum(1 for _ in Tree()))
more = adder(); more = more.__next__; print(more())
""",
    "generators in the event loop": """
import asyncio
from contextlib import asynccontextmanager
async def numbers(end=None):
    "Counts."
    n = 0
    try:
        while n != end:
            more = yield n
            await asyncio.sleep(0)
            n += more or 1
        else:
            return
    finally:
        print("over", n)
@asynccontextmanager
async def around():
    print("in")
    yield "value"
    print("out")
async def main():
    print([n async for n in numbers(3)], [n + 1 async for n in numbers(2) if n])
    async for n in numbers(3): print(n)
    ids = numbers()
    print(await anext(ids), await ids.__anext__(), await ids.asend(5))
    await ids.aclose()
    print(await anext(ids, "none"))
    async with around() as value: print(value, numbers.__doc__)
asyncio.run(main())
""",
    "annotations and classes": """
from dataclasses import dataclass, field
@dataclass
class A:
    x: int = 1
    y: list[int] = field(default_factory=list)
    def __post_init__(self) -> None:
        self.z: dict[str, int] = {}
        self.z["a"] = self.x
print(A(2), A().z)
""",
    "attributes and what holds them": """
class A:
    n = 1
    def __init__(self): self.__private = 2
    def __setattr__(self, name, value): object.__setattr__(self, name, value)
a = A()
setattr(a, "m", getattr(a, "n") + 1); a.n = getattr(a, "o", 5)
print(hasattr(a, "m"), hasattr(a, "p"), vars(a), a.__dict__["m"], "n" in vars(a), sorted(vars(a)))
delattr(a, "m"); vars(a)["q"] = 7; a.__dict__.update(r=8); print(a.q, a.r, len(a.__dict__))
class Shared:
    all = {}
    def __init__(self): self.__dict__ = self.all
Shared().x = 3; print(Shared().x, Shared.all)
def inner(x): return vars() == {"x": x}, getattr(a, "q")
print(inner(1), globals()["a"] is a)
try: getattr(a)
except TypeError as error: print(error)
try: getattr(a, "none")
except AttributeError: print("no such attribute")
""",
    "operators and texts": """
import struct
l, d = [1], {"a": [2]}
print(l + [2] * 2, d | {"b": 1}, l == [1], [1] < l, 1 < 2 < 3 != l)
print(f"{l} {d!r:>15} {3:{l[0]}}", "%s %r" % (l, d))
x, (y, *z) = l[0], (2, 3, 4); l += [x]; d["a"] += "bc"; l *= 2
print(x, y, z, l, d, str(d), repr(l), format(l), "{0[0]}".format(l), iter(l).__next__())
print(list(iter([2, 5, 1].pop, 2)))
v = memoryview(bytearray(8)); struct.pack_into("I", v, 4, 7); v[0] = 1
print(struct.unpack_from("II", v), v.tolist(), bytes(v[4:5]), v.obj.find(b"\\x07"))
""",
    "containers in Python": """
from collections import ChainMap, UserDict, UserList
class Table(UserDict):
    def __setitem__(self, key, value): super().__setitem__(key.lower(), value)
    def __missing__(self, key): return f"no {key}"
t = Table(A=1); t["B"] = 2; t |= {"C": 3}
print(t, t["x"], len(t), list(t), t.pop("a"), t.setdefault("D", 4), "b" in t, t == {"b": 2})
print(sorted(t.items()), t.copy())
u = UserList([3, 1]); u += [2]; u.append(5); u.sort()
print(u, u[1:], u + [9], u == [1, 2, 3, 5], [x for x in u], u.pop(), len(u), isinstance(u.copy(), UserList))
c = ChainMap({"a": 1}, {"b": 2}); c["b"] = 3
print(c["a"], c["b"], len(c), c.maps, list(c))
""",
    "walrus and lambda": """
n = 5
f = lambda: (m := n) and m
print(f(), [y := 1, y + 1])
""",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_does_the_same(name: str) -> None:
    source = PROGRAMS[name]
    assert _run(compile(source, "program.py", "exec"), {}) == _probed(source)


def _probed(source: str) -> str:
    tree = ast.parse(source, "program.py")
    sites: list[Site] = []
    code = compile(Prober("program.py", tree, sites, changing(tree)).rewrite(tree), "program.py", "exec")
    namespace: dict[str, Any] = {}
    namespace.update(Hooks(sites, namespace, {}).namespace())
    return _run(code, namespace)


def _run(code: Any, namespace: dict[str, Any]) -> str:
    namespace["__name__"] = "__main__"
    gc.collect()  # what others have left must not end here
    out = io.StringIO()
    with redirect_stdout(out):
        exec(code, namespace)
    return out.getvalue()


def test_a_site_says_where_and_what() -> None:
    tree = ast.parse("class A:\n    def go(self):\n        self.n += 1\n        self.d[1] = 2\n")
    sites: list[Site] = []
    Prober("a.py", tree, sites, changing(tree)).rewrite(tree)
    seen = [(s.line, s.place, s.reads, s.writes, s.today) for s in sites]
    assert (3, "self.n", True, False, True) in seen
    assert (3, "self.n", False, True, False) in seen  # no call in between: today nobody can come
    assert (4, "self.d", False, True, True) in seen


def test_variables_that_the_module_binds_again_are_shared_with_the_functions_that_read_them() -> None:
    program = """
ended, once, total = False, 1, 0
def look(name):
    def inner(): return ended, once, total
    name = [name]
    return inner(), name
def count():
    global total
    total += 1
name = None
for name in ("a", "b"):
    ended = name
    total = 1
"""
    sites: list[Site] = []
    tree = ast.parse(program)
    Prober("a.py", tree, sites, changing(tree)).rewrite(tree)
    assert {(site.name, site.line) for site in sites if site.name in ("ended", "once", "name", "total")} == {
        ("ended", 2), ("total", 2), ("ended", 4), ("total", 4), ("total", 9), ("ended", 12), ("total", 13),
    }  # fmt: skip
