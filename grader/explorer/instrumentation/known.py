"""What is known of calls into Python's library: data, each with its reason. What isn't known is not harmless.

A call that stands in no list counts as reading and writing all that it can reach: see `effects`.
"""

from enum import Enum, auto


class Effect(Enum):
    """What a call does to what others may share."""

    NONE = auto()  # nothing: it has probes itself, or touches nothing that can change
    READS = auto()  # it looks at its arguments and all that is in them
    DEEP = auto()  # it looks at all that they can reach, objects of the node's own, too
    SELF = auto()  # it looks at these, and changes its receiver
    FIRST = auto()  # it looks at these, and changes the first
    LAZY = auto()  # an iterator that looks at them when it is asked
    NAMED = auto()  # an attribute, of a name that it is given
    MODULE = auto()  # it looks at its arguments, and changes what its module keeps
    REACH = auto()  # not known: all that it can reach


# By the module that a function or class is of. What isn't named here, nor below, is not known.
MODULES = {
    # Stand-ins and what works by them: each of their steps is a point by itself.
    "threading": Effect.NONE,
    "_thread": Effect.NONE,
    "_threading_local": Effect.NONE,
    "queue": Effect.NONE,
    "concurrent.futures": Effect.NONE,
    "multiprocessing.pool": Effect.NONE,
    "multiprocessing.dummy": Effect.NONE,
    "time": Effect.NONE,
    "select": Effect.NONE,
    "selectors": Effect.NONE,
    "signal": Effect.NONE,  # what has no stand-in is told by itself
    "os": Effect.NONE,
    "posix": Effect.NONE,
    "sys": Effect.NONE,
    "gc": Effect.NONE,
    "atexit": Effect.NONE,
    # One thread's: what it keeps belongs to its loop, and what comes from elsewhere has a stand-in.
    "asyncio": Effect.NONE,
    "_asyncio": Effect.NONE,
    "contextvars": Effect.SELF,
    "_contextvars": Effect.SELF,
    # What they make depends on what they are given, and they keep nothing.
    **dict.fromkeys(
        (
            "abc", "argparse", "ast", "base64", "binascii", "bz2", "calendar", "cmath", "collections.abc",
            "copyreg", "dataclasses", "difflib", "dis", "email", "enum", "errno", "fnmatch", "fractions",
            "genericpath", "getopt", "glob", "hashlib", "_hashlib", "_blake2", "_sha2", "_sha3", "_md5",
            "_sha1", "hmac", "html", "inspect", "ipaddress", "json", "_json", "keyword", "linecache", "math",
            "_operator", "numbers", "pathlib", "platform", "posixpath", "re", "_sre", "reprlib",
            "secrets", "shlex", "stat", "statistics", "string", "_string", "struct", "_struct", "textwrap",
            "token", "tokenize", "traceback", "types", "typing", "_typing", "typing_extensions", "unicodedata",
            "urllib.parse", "uuid", "zlib", "datetime", "_datetime", "contextlib", "functools", "_functools",
            "itertools", "marshal", "_codecs", "codecs", "collections",
            "_collections", "_collections_abc", "builtins", "array", "_io", "io", "warnings", "_warnings",
            "faulthandler", "getpass", "importlib", "_frozen_importlib", "logging",
        ),
        Effect.READS,
    ),
    **dict.fromkeys(("copy", "pickle", "_pickle", "pprint"), Effect.DEEP),
    # It keeps something of its own, for all.
    "random": Effect.MODULE,
    "locale": Effect.MODULE,
    "decimal": Effect.MODULE,
    "_decimal": Effect.MODULE,
    "heapq": Effect.FIRST,
    "_heapq": Effect.FIRST,
    "bisect": Effect.FIRST,
    "_bisect": Effect.FIRST,
}  # fmt: skip

# Single functions and classes, by their whole name.
FUNCTIONS = {
    **dict.fromkeys(
        (
            "builtins.super", "builtins.isinstance", "builtins.issubclass", "builtins.type", "builtins.id",
            "builtins.callable", "builtins.globals", "builtins.locals", "builtins.hash", "builtins.object",
            "builtins.len", "builtins.int", "builtins.float", "builtins.range",
            "builtins.property", "builtins.staticmethod", "builtins.classmethod", "builtins.open",
            "builtins.chr", "builtins.ord", "builtins.dir", "builtins.input",
            "builtins.breakpoint", "builtins.__build_class__", "builtins.abs", "builtins.round",
            "builtins.__import__",  # what it runs has probes
            "importlib.import_module", "importlib.reload",
            "_io.open", "functools.wraps", "functools.update_wrapper", "dataclasses.dataclass",
            "functools.partial", "_functools.partial",  # it is called when it is called
            "inspect.currentframe", "weakref.ReferenceType",
            "operator.attrgetter", "operator.itemgetter", "operator.methodcaller",  # likewise
        ),
        Effect.NONE,
    ),
    **dict.fromkeys(
        ("builtins.getattr", "builtins.hasattr", "builtins.setattr", "builtins.delattr"), Effect.NAMED
    ),
    **dict.fromkeys(("builtins.iter", "builtins.next", "builtins.anext"), Effect.FIRST),
    **dict.fromkeys(
        ("builtins.map", "builtins.filter", "builtins.zip", "builtins.enumerate", "builtins.reversed",
         "itertools.chain", "itertools.islice", "itertools.starmap", "itertools.takewhile",
         "itertools.dropwhile", "itertools.zip_longest", "itertools.filterfalse", "itertools.accumulate",
         "itertools.compress", "itertools.pairwise", "itertools.batched", "itertools.cycle",
         "itertools.groupby"),
        Effect.LAZY,
    ),
    **dict.fromkeys(
        ("_operator.setitem", "_operator.delitem", "_operator.iadd", "_operator.isub", "_operator.ior",
         "_operator.iand", "_operator.ixor", "_operator.iconcat", "_operator.imul", "random.shuffle",
         "_struct.pack_into"),
        Effect.FIRST,
    ),
    **dict.fromkeys(
        ("warnings.filterwarnings", "warnings.simplefilter", "uuid.uuid1", "logging.disable",
         "logging.basicConfig", "logging.getLogger", "locale.setlocale"),
        Effect.MODULE,
    ),
    **dict.fromkeys(
        ("dataclasses.asdict", "dataclasses.astuple", "dataclasses.replace", "builtins.vars"), Effect.DEEP
    ),
    **dict.fromkeys(
        (f"logging.Logger.{name}" for name in (
            "debug", "info", "warning", "error", "exception", "critical", "log", "isEnabledFor", "getChild",
        )),
        Effect.READS,
    ),
    "builtins.bool": Effect.READS,  # of a container: whether it is empty
    # What they call, or make, is not known.
    **dict.fromkeys(
        ("builtins.exec", "builtins.eval", "builtins.compile", "functools.reduce", "_functools.reduce",
         "functools.singledispatch", "_operator.call"),
        Effect.REACH,
    ),
}  # fmt: skip

# Methods, by the whole name of the class that has them; of whole modules, by those.
METHODS = {
    "_contextvars.Context": Effect.SELF,
    "_contextvars.ContextVar": Effect.NONE,  # a context of each thread's own; to run in one is its own call
    "_random.Random": Effect.SELF,
    "random.Random": Effect.SELF,
    "decimal.Context": Effect.SELF,
    "decimal.Decimal": Effect.READS,
    "sqlite3.Connection": Effect.SELF,
    "sqlite3.Cursor": Effect.SELF,
    "logging.Logger": Effect.SELF,
    "weakref": Effect.SELF,
    "_weakrefset": Effect.SELF,
    "_weakref": Effect.NONE,
    "functools._lru_cache_wrapper": Effect.SELF,
    "_ctypes": Effect.SELF,
    "ctypes": Effect.SELF,
    "operator.attrgetter": Effect.DEEP,
    "operator.itemgetter": Effect.READS,
    "types.SimpleNamespace": Effect.SELF,
    **dict.fromkeys(
        (
            "datetime",
            "_datetime",
            "pathlib",
            "uuid",
            "re",
            "_sre",
            "fractions",
            "ipaddress",
            "inspect",
            "json.decoder",
            "json.encoder",
            "_json",
            "enum",
            "struct",
            "_struct",
            "traceback",
            "types",
            "typing",
            "argparse",
            "string",
        ),
        Effect.READS,  # they don't change once they are made
    ),
    "mmap": Effect.SELF,
    "_hashlib": Effect.SELF,
    "hashlib": Effect.SELF,
    "_io": Effect.SELF,
    "io": Effect.SELF,
    "collections": Effect.SELF,
    "array": Effect.SELF,
    "itertools": Effect.SELF,
    "builtins.generator": Effect.NONE,  # has probes
    "builtins.coroutine": Effect.NONE,
    "builtins.async_generator": Effect.NONE,
}

# Special methods of `object` and `type`: what they do stands in their names, or is nothing.
OF_OBJECTS = {
    "__init__": Effect.NONE, "__new__": Effect.NONE, "__init_subclass__": Effect.NONE,
    "__subclasshook__": Effect.NONE, "__class__": Effect.NONE, "__eq__": Effect.NONE, "__ne__": Effect.NONE,
    "__hash__": Effect.NONE, "__repr__": Effect.READS, "__str__": Effect.READS, "__format__": Effect.READS,
    "__sizeof__": Effect.NONE, "__dir__": Effect.READS, "__setattr__": Effect.NAMED,
    "__getattribute__": Effect.NAMED, "__delattr__": Effect.NAMED, "mro": Effect.NONE,
    "__subclasses__": Effect.NONE, "__instancecheck__": Effect.NONE, "__subclasscheck__": Effect.NONE,
    "__prepare__": Effect.NONE,
}  # fmt: skip

# Before these have been called there is but one thread: what a module does first, before others may be at work.
QUIET_BUILTINS = {
    "bool", "bytearray", "bytes", "callable", "dict", "enumerate", "filter", "float", "format", "frozenset",
    "getattr", "hasattr", "hash", "id", "int", "isinstance", "issubclass", "iter", "len", "list", "map",
    "max", "min", "object", "open", "ord", "print", "property", "range", "repr", "reversed", "round", "set",
    "sorted", "staticmethod", "classmethod", "str", "sum", "super", "tuple", "type", "zip",
}  # fmt: skip
QUIET_MODULES = {
    "argparse", "array", "asyncio", "collections", "concurrent.futures", "contextlib", "contextvars",
    "dataclasses", "datetime", "decimal", "enum", "functools", "heapq", "io", "itertools", "json", "logging",
    "math", "operator", "os", "os.environ", "os.path", "queue", "random", "re", "signal", "string", "sys",
    "sys.stdin", "sys.stdout", "sys.stderr", "sys.path", "threading", "time", "types", "typing", "uuid",
    "weakref",
}  # fmt: skip
STARTS = {"run", "start_new_thread", "create_task", "ensure_future", "run_coroutine_threadsafe"}
