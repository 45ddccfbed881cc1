"""Which file of a submission starts the node, by the names of its files. Pure."""

import json
import posixpath
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from grader.conversation.submission import SCRIPTS

RUN_BY = {  # by which interpreter, beside those that `grader submit` knows
    ".java": ("java",),
    ".jar": ("java", "-jar"),
    ".sh": ("bash",),
    ".rb": ("ruby",),
    ".pl": ("perl",),
}
STARTED = (".py", *SCRIPTS, *RUN_BY)
USUAL = ("node", "main", "__main__", "app", "index", "server")  # how the file that starts a node is called
COMPILED = (".c", ".cc", ".cpp", ".cs", ".go", ".rs", ".kt", ".ts", ".class")
ARCHIVES = (".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")


@dataclass(frozen=True, slots=True)
class Entry:
    """The file to start. `chosen`: it was found, and not named. `refusal` says why there is none."""

    name: str = ""
    chosen: bool = False
    refusal: str = ""


def entry_of(
    names: Collection[str],
    wanted: Sequence[str] = (),
    executable: Collection[str] = (),
    package: bytes | None = None,
) -> Entry:
    """The file to start, of those with these paths.

    It is the first that one of `wanted` names (a path or a pattern); else what `package`, a package.json, calls
    main; else the one that is called as such a file usually is; else the only one that can be started.
    """
    below = _folder_of_the_node(names)
    if wanted:
        return _named(names, below, wanted)
    if (main := _main_of(package)) and (found := _there(below + main, names)):
        return Entry(found, chosen=True)
    inner = sorted(name for name in names if posixpath.dirname(name) == below.rstrip("/"))
    can_start = [name for name in inner if not why_not(name, is_executable=name in executable)]
    for stem in USUAL:
        usual = [name for name in can_start if PurePosixPath(name).stem.lower() == stem]
        if usual:
            can_start = usual
            break
    if len(can_start) == 1:
        return Entry(can_start[0], chosen=True)
    if can_start:
        return Entry(refusal=f"{', '.join(can_start)}: which one is the node? --entry names it")
    if not names:
        return Entry(refusal="it is empty")
    compiled = [name for name in inner if PurePosixPath(name).suffix.lower() in COMPILED]
    if compiled:
        return Entry(refusal=why_not(compiled[0]))
    return Entry(refusal="it has no file that can be started; --entry names it")


def why_not(name: str, *, is_executable: bool = False) -> str:
    """Why a class can't start this file; empty if it can."""
    path = PurePosixPath(name)
    suffix = path.suffix.lower()
    if suffix in STARTED or (is_executable and suffix not in COMPILED):
        return ""
    if suffix in COMPILED:
        return f"{name} must be compiled, and a class compiles nothing: have the program handed in"
    if suffix in ARCHIVES:
        return f"{name} is an archive that is not opened (only .zip is): unpack it into a folder of that name"
    if suffix == ".ipynb":
        return f"{name} is a notebook, which reads no stdin: have the node handed in as a file"
    return f"nothing says what runs {name}: it ends in none of {', '.join(STARTED)}, and is no executable"


def _named(names: Collection[str], below: str, wanted: Sequence[str]) -> Entry:
    for pattern in wanted:
        found = sorted(
            name for name in names if _fits(name, pattern) or _fits(name.removeprefix(below), pattern)
        )
        if len(found) > 1:
            return Entry(refusal=f"{', '.join(found)}: which one is the node? --entry {pattern} fits all")
        if found:
            return Entry(found[0])
    return Entry(refusal=f"it has no file {' or '.join(wanted)}")


def _fits(name: str, pattern: str) -> bool:
    parts, wanted = name.split("/"), pattern.removeprefix("./").split("/")
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))


def _folder_of_the_node(names: Collection[str]) -> str:
    """Where its files lie: an archive often holds one folder, and that holds all. It ends with a slash."""
    below = ""
    while names:
        tops = {name[len(below) :].partition("/")[::2] for name in names}
        if len({top for top, _ in tops}) != 1 or any(not rest for _, rest in tops):
            return below
        below += f"{next(iter(tops))[0]}/"
    return below


def _main_of(package: bytes | None) -> str:
    try:
        told = json.loads(package or b"{}")
    except (ValueError, RecursionError):
        return ""
    main = told.get("main") if isinstance(told, dict) else ""
    return main if isinstance(main, str) else ""


def _there(name: str, names: Collection[str]) -> str:
    """The file that JavaScript means by this name, if there is one."""
    plain = posixpath.normpath(name)
    return next((one for one in (plain, f"{plain}.js", f"{plain}/index.js") if one in names), "")
