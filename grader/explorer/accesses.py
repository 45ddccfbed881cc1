"""What an access is, and which calls are one: methods and functions of the library by what they do, by name."""

from dataclasses import dataclass

READING = {"items", "keys", "values", "copy", "index", "count", "issubset", "issuperset", "isdisjoint",
           "union", "difference", "intersection", "get", "getvalue",
           "tell", "__getitem__", "__contains__"}  # fmt: skip
WRITING = {"append", "add", "update", "pop", "popleft", "appendleft", "remove", "discard", "clear", "extend",
           "insert", "setdefault", "popitem", "sort", "reverse", "extendleft", "rotate",
           "move_to_end", "write", "seek", "truncate", "__setitem__", "__delitem__",
           "__next__", "send", "throw", "__anext__", "asend", "athrow"}  # fmt: skip
CHANGING_FIRST = {"heappush", "heappop", "heappushpop", "heapreplace", "heapify",
                  "insort", "insort_left", "insort_right"}  # fmt: skip
WHOLE_READ = {"len", "list", "dict", "sorted", "set", "tuple", "sum", "max", "min", "frozenset", "any", "all",
              "bytes", "str", "repr"}  # fmt: skip
DEEP_READ = {"dumps", "dump", "deepcopy", "encode", "print", "join", "writelines", "format", "fsum",
             "OrderedDict", "deque", "Counter", "defaultdict", "enumerate", "zip", "map", "filter",
             "reversed", "chain"}  # fmt: skip
NEXT = {"next", "anext"}
INSIDE = "_explorer_inside"  # a variable of each generator's own: stands for all that it keeps


@dataclass(frozen=True, slots=True)
class Site:
    """One access in the source. `today`: whether this Python may switch threads right before it."""

    number: int
    file: str
    line: int
    name: str  # of the attribute, method or variable
    place: str  # as the source writes it
    reads: bool
    writes: bool
    today: bool = True
