"""Python's own table of what binds, reads or deletes names: taken from `ast` for the running version.

Each constructor of the grammar that has an identifier stands in one of the two tables here. A test compares
them with the grammar, so that a construct of a new Python fails there, and is not overlooked in a node.
"""

import ast
import re
from collections.abc import Iterator

# Constructors that bind names, and the field with the name.
BINDS = {
    "Name": "id",  # where its context is to store or to delete
    "FunctionDef": "name",
    "AsyncFunctionDef": "name",
    "ClassDef": "name",
    "arg": "arg",
    "alias": "asname",
    "ExceptHandler": "name",
    "MatchAs": "name",
    "MatchStar": "name",
    "MatchMapping": "rest",
    "TypeVar": "name",
    "ParamSpec": "name",
    "TypeVarTuple": "name",
}
# Constructors with an identifier that bind no name, and what it is.
NAMES_NOTHING = {
    "Attribute": "an attribute: see `Prober.visit_Attribute`",
    "MatchClass": "attributes that are looked at: see `Patterns`",
    "Global": "whose name it is: see `Scope`",
    "Nonlocal": "whose name it is: see `Scope`",
    "ImportFrom": "a module, which is no variable",
    "keyword": "a parameter of what is called",
}


def with_identifiers() -> Iterator[str]:
    """The constructors of this Python's grammar that have an identifier, as their signatures say."""
    for name, kind in vars(ast).items():
        if isinstance(kind, type) and issubclass(kind, ast.AST):
            signature = re.match(rf"{name}\((.*)\)", " ".join((kind.__doc__ or "").split()))
            if signature and re.search(r"\bidentifier\b", signature[1]):
                yield name


def bound(node: ast.AST) -> Iterator[str]:
    """The names that this one node binds or deletes, by itself."""
    field = BINDS.get(type(node).__name__)
    if field is None or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)):
        return
    name = getattr(node, field)
    if isinstance(node, ast.alias):
        name = node.asname or node.name.partition(".")[0]
    if name is not None:
        yield name
