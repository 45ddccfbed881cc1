"""What an access is, and which calls are one: methods and functions of the library by what they do, by name."""

READING = {"items", "keys", "values", "copy", "index", "count", "issubset", "issuperset", "isdisjoint",
           "union", "difference", "intersection", "get", "getvalue",
           "tell", "__getitem__", "__contains__", "decode", "hex", "tobytes", "tolist", "find", "split",
           "startswith", "endswith", "most_common", "elements", "total"}  # fmt: skip
WRITING = {"append", "add", "update", "pop", "popleft", "appendleft", "remove", "discard", "clear", "extend",
           "insert", "setdefault", "popitem", "sort", "reverse", "extendleft", "rotate",
           "move_to_end", "write", "seek", "truncate", "__setitem__", "__delitem__",
           "__next__", "send", "throw", "__anext__", "asend", "athrow",
           "frombytes", "fromlist", "subtract"}  # fmt: skip
# Functions in C that change a container that is among their first two arguments.
CHANGING = {"heappush", "heappop", "heappushpop", "heapreplace", "heapify",
            "insort", "insort_left", "insort_right", "pack_into"}  # fmt: skip
WHOLE_READ = {"len", "list", "dict", "sorted", "set", "tuple", "sum", "max", "min", "frozenset", "any", "all",
              "bool", "bytes"}  # fmt: skip
DEEP_READ = {"dumps", "dump", "deepcopy", "encode", "print", "join", "writelines", "format", "fsum",
             "OrderedDict", "deque", "Counter", "defaultdict", "str", "repr", "unpack_from",
             "debug", "info", "warning", "error", "exception", "critical", "log"}  # fmt: skip
BY_NAME = {"getattr", "setattr", "delattr", "hasattr", "vars", "__getattribute__", "__setattr__",
           "__delattr__"}  # fmt: skip
NEXT = {"next", "anext"}
WITH_FRAME = {"super", "locals", "globals", "dir", "__import__"}  # they depend on whose frame calls them
INSIDE = "_explorer_inside"  # a variable of each generator's own: stands for all that it keeps

# Of these, those that keep what they are given, or take it as a key, and do not look at what it holds.
KEEPING = {"append", "appendleft", "add", "insert", "setdefault", "get", "pop", "clear", "copy", "items",
           "keys", "values", "popitem", "popleft", "move_to_end", "__getitem__", "__setitem__"}  # fmt: skip
