"""Whether lessons can be executed here: without Jupyter's kernel they are skipped, but never in CI."""

import os
from importlib.util import find_spec

import pytest

NEEDED = ("ipykernel", "jupytext", "matplotlib", "nbclient", "nbformat")


def needed() -> None:
    """Call it before the imports of a module that executes notebooks."""
    missing = ", ".join(name for name in NEEDED if find_spec(name) is None)
    if not missing:
        return
    reason = f"lessons are not executed without {missing}: pip install -e '.[test]'"
    if os.environ.get("CI") == "true":
        raise RuntimeError(reason)
    pytest.skip(reason, allow_module_level=True)
