"""The lives of objects: whoever looks whether one is still there sees the same as outside."""

from pathlib import Path

import pytest

from tests.explorer.primitives.alike import node, seen_inside, seen_outside

THING = """
import weakref

class Thing:
    name = "thing"
"""

PARTS = {
    "weak references": """
thing = Thing()
one = weakref.ref(thing)
see([one() is thing, one == weakref.ref(thing), one is weakref.ref(thing), isinstance(one, weakref.ref)])
see([type(one).__name__, isinstance(one, weakref.ReferenceType)])
told = weakref.ref(thing, lambda ref: see("gone"))
near = weakref.proxy(thing)
see(near.name)
del thing
see([one(), error_of(weakref.ref, 1)])
""",
    "classes made from a weak reference": """
class Named(weakref.ref):
    def __init__(self, thing, callback=None, name="none"):
        super().__init__(thing, callback)
        self.name = name

    def __new__(cls, thing, callback=None, name="none"):
        return super().__new__(cls, thing, callback)

thing = Thing()
one = Named(thing, name="mine")
see([one() is thing, one.name, isinstance(one, weakref.ref), isinstance(weakref.ref(thing), Named)])
see([issubclass(Named, weakref.ref), issubclass(weakref.KeyedRef, weakref.ref)])
del thing
see(one())
""",
    "weak containers": """
thing = Thing()
by_name, by_thing, things = weakref.WeakValueDictionary(), weakref.WeakKeyDictionary(), weakref.WeakSet()
by_name["a"], by_thing[thing] = thing, 1
things.add(thing)
end = weakref.finalize(thing, see, "ended")
see([len(by_name), len(by_thing), len(things), end.alive])
del thing
see([len(by_name), len(by_thing), len(things), end.alive])
""",
    "what a thread knew": """
kept = weakref.WeakValueDictionary()

def work(fails):
    thing = Thing()
    kept[fails] = thing
    if fails:
        raise ValueError("so be it")

threading.excepthook = lambda args: None
for fails in (False, True):
    thread = threading.Thread(target=work, args=(fails,))
    thread.start()
    thread.join()
    see(fails in kept)
""",
    "what a thread was given": """
thing = Thing()
one = weakref.ref(thing)
thread = threading.Thread(target=lambda thing: None, args=(thing,))
del thing
thread.start()
thread.join()
see(one() is None)
""",
    "copies": """
import copy
thing = Thing()
one = weakref.ref(thing)
see([copy.copy(one) is one, copy.deepcopy([one])[0] is one])
""",
}


@pytest.mark.parametrize("name", PARTS)
def test_it_sees_the_same_as_outside(tmp_path: Path, name: str) -> None:
    file = node(tmp_path, THING + PARTS[name])
    assert seen_inside(file) == seen_outside(file)
