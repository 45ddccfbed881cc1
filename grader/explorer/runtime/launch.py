"""How a Python node is started: which interpreter, which script or module, which arguments, in which folder.

From a submission's command, as Python itself reads its command line; nothing here starts anything.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from grader.conversation.submission import Submission
from grader.sandbox.policy import LIMITED, Policy

_PYTHON = re.compile(r"python[0-9.]*(\.exe)?", re.IGNORECASE)
_WITHOUT_EFFECT = ("-B", "-s", "-q")  # options that change nothing of what a node does


@dataclass(frozen=True, slots=True)
class Launch:
    """`script` is a whole path, or `module` the name behind -m. `unbuffered`: with -u."""

    python: str
    folder: str
    script: str = ""
    module: str = ""
    args: tuple[str, ...] = ()
    unbuffered: bool = False
    policy: Policy = LIMITED


class NoSuchModule(Exception):
    """There is no module of this name, or it can't be run; the text says which."""


class NotPython(Exception):
    """Not the start of a Python program that can be explored; the text says why."""


def of_file(file: str) -> Launch:
    """A script, by this Python, in its own folder."""
    path = Path(file).resolve()
    return Launch(sys.executable, str(path.parent), str(path))


def launch_of(submission: Submission) -> Launch:
    """How this submission starts. Raises NotPython."""
    python, *words = submission.command
    if not _PYTHON.fullmatch(Path(python).name):
        raise NotPython("the explorer runs Python nodes only: a .py file, python FILE, or python -m MODULE")
    folder = str(submission.folder)
    unbuffered = False
    while words and words[0].startswith("-"):
        option = words.pop(0)
        if option == "-m" and words:
            module, *args = words
            return Launch(python, folder, "", module, tuple(args), unbuffered, submission.policy)
        unbuffered |= option == "-u"
        if option != "-u" and option not in _WITHOUT_EFFECT:
            raise NotPython(f"the explorer can't start Python with {option}")
    if not words:
        raise NotPython("the explorer needs the file of a node, or -m and the name of a module")
    script = Path(folder, words[0])
    if script.is_dir() and (script / "__main__.py").is_file():
        raise NotPython(f"the explorer can't start a folder; try python -m {words[0].strip('/')}")
    if not script.is_file():
        raise NotPython(f"{words[0]}: no such file")
    return Launch(python, folder, str(script.resolve()), "", tuple(words[1:]), unbuffered, submission.policy)
