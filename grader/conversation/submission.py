"""A submission: the file or command that starts a node, and the environment it is started in."""

import os
import re
import shlex
import shutil
import stat
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from grader.sandbox.policy import LIMITED, Policy

# What would hide a bug of the node's, or accuse it of a choice that its caller made.
_HIDES = frozenset(
    (
        "PYTHONUNBUFFERED",
        "PYTHONIOENCODING",
        "PYTHONUTF8",
        "PYTHONCOERCECLOCALE",
        "PYTHONLEGACYWINDOWSSTDIO",
    )
)
# What a stranger's node is told of the caller's environment, beside Python's own.
_PUBLIC = frozenset(("PATH", "TZ", "JAVA_HOME", "GOROOT", "LD_LIBRARY_PATH", "NODE_PATH", "VIRTUAL_ENV"))
# Files in which whoever knows their names speaks for a job on GitHub Actions.
_SPEAKS_FOR_JOBS = frozenset(
    ("GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STATE", "GITHUB_STEP_SUMMARY")
)
SCRIPTS = {".js": "node", ".mjs": "node", ".cjs": "node"}
_SOURCES = {  # what must be compiled first, and how
    ".c": "compile it first: cc -pthread -o {stem} {file}, then grader submit ./{stem}",
    ".cc": "compile it first: c++ -pthread -o {stem} {file}, then grader submit ./{stem}",
    ".cpp": "compile it first: c++ -pthread -o {stem} {file}, then grader submit ./{stem}",
    ".go": "build it first: go build -o {stem} {file}, then grader submit ./{stem}",
    ".rs": "build it first: rustc -O -o {stem} {file}, then grader submit ./{stem}",
    ".java": "name its interpreter: grader submit -- java {file}",
    ".class": "name the class: grader submit -- java {stem}",
    ".jar": "name its interpreter: grader submit -- java -jar {file}",
    ".ts": "name what runs it: grader submit -- npx tsx {file}",
    ".rb": "name its interpreter: grader submit -- ruby {file}",
    ".pl": "name its interpreter: grader submit -- perl {file}",
    ".sh": "name its interpreter: grader submit -- sh {file}",
    ".ipynb": "write the node into a file first: a notebook reads no stdin",
}
SHEBANG = 200  # bytes of a script's first line
LANGUAGES = (
    ("python", re.compile(r"^(python|pypy)[\d.]*(\.exe)?$|\.py$", re.I)),
    ("javascript", re.compile(r"^(node|nodejs|deno|bun)$|\.[cm]?[jt]s$")),
    ("java", re.compile(r"^java$|\.(java|jar)$")),
    ("go", re.compile(r"^go$|\.go$")),
    ("ruby", re.compile(r"^ruby[\d.]*$|\.rb$")),
    ("perl", re.compile(r"^perl[\d.]*$|\.pl$")),
    ("c", re.compile(r"\.c(c|pp)?$")),
)
FOLLOW = "GRADER_FOLLOWS_SINCE"  # as `injected/sitecustomize.py` knows it
INJECTED = Path(__file__).resolve().parent / "injected"  # what a Python node loads before its own code


class NotGradable(Exception):
    """What was submitted can't be started by anybody; its text says what to do."""


@dataclass(frozen=True, slots=True)
class Submission:
    """`name` as it was given, the command that starts it, the folder that it runs in, and what it may use.

    `original` is the folder of which `folder` is a copy, if it is one.
    """

    name: str
    command: tuple[str, ...]
    folder: Path
    policy: Policy = LIMITED
    original: Path | None = None

    @property
    def language(self) -> str:
        """What it is written in, as far as the words of its command, or a script's first line, tell."""
        words = [re.split(r"[/\\]", word)[-1] for word in self.command]
        first = b""
        with suppress(OSError), open(self.command[0], "rb") as program:
            first = program.readline(SHEBANG)
        if first.startswith(b"#!"):
            words += re.split(r"[/\s]", first.decode("utf-8", "replace"))
        return next((lang for word in words for lang, pattern in LANGUAGES if pattern.search(word)), "")


def from_file(file: str, python: str | None = None) -> Submission:
    """The submission in a file: `.py` by this Python or by `python`, `.js` and `.mjs` by node, else by itself.

    Raises NotGradable if there is no such file, or nothing to run it with.
    """
    path = Path(file)
    if not path.exists():
        raise NotGradable(f"{file}: no such file; name the file of your node, or a command after --")
    if not path.is_file():
        raise NotGradable(f"{file}: not a file; name the file of your node, or a command after --")
    if not os.access(path, os.R_OK):
        raise NotGradable(f"{file}: not readable; try chmod u+r {file}")
    whole = str(path.resolve())
    folder = path.resolve().parent
    suffix = path.suffix.lower()
    if suffix == ".py":
        return Submission(file, (_interpreter(python), whole), folder)
    if suffix in SCRIPTS:
        node = shutil.which(SCRIPTS[suffix])
        if node is None:
            raise NotGradable(f"{file}: needs the interpreter node (Node.js), which is not on the PATH")
        return Submission(file, (node, whole), folder)
    if suffix in _SOURCES and not _is_script(path):
        what = _SOURCES[suffix].format(file=shlex.quote(file), stem=shlex.quote(path.stem))
        raise NotGradable(f"{file}: can't be run as it is; {what}")
    if not _is_executable(path):
        raise NotGradable(
            f"{file}: not executable; try chmod +x {shlex.quote(file)}, "
            f"or name its interpreter: grader submit -- INTERPRETER {shlex.quote(file)}"
        )
    return Submission(file, (whole,), folder)


def from_command(command: Sequence[str]) -> Submission:
    """The submission that a command starts, in this folder. Raises NotGradable if it can't be found."""
    program = shutil.which(command[0])
    if program is None:
        raise NotGradable(f"{command[0]}: no such command; is it installed, and on the PATH?")
    # Started by its own name where it can be: a virtual environment's python finds itself by it.
    name = shlex.join(command)
    return Submission(name, (program, *command[1:]), Path.cwd())


def environment(
    tmpdir: str, base: Mapping[str, str] = os.environ, *, is_private: bool = False
) -> dict[str, str]:
    """The caller's environment, less what hides a bug or speaks for a job, with a UTF-8 locale and a TMPDIR.

    `is_private`: of the caller's no more than where programs are found; it may hold keys, and names a home.
    """
    env = {key: value for key, value in base.items() if key not in _HIDES | _SPEAKS_FOR_JOBS}
    if is_private:
        env = {key: value for key, value in env.items() if key in _PUBLIC or key.startswith("PYTHON")}
        env["HOME"] = tmpdir

    env["TMPDIR"] = tmpdir
    env["PYTHONFAULTHANDLER"] = "1"  # so that a Python node says where its threads stand when it is ended
    if sys.platform == "linux":  # and, asked by a signal, where its threads and tasks stand while it goes on
        env["PYTHONPATH"] = os.pathsep.join([str(INJECTED), *filter(None, [base.get("PYTHONPATH")])])
    if sys.platform == "win32":
        env["PYTHONUTF8"] = "1"  # there is no locale to choose
    else:
        env["LC_ALL"] = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
    return env


def _interpreter(python: str | None) -> str:
    if python is None:
        return sys.executable
    found = shutil.which(python)
    if found is None:
        raise NotGradable(f"--python {python}: no such interpreter")
    return found


def _is_script(path: Path) -> bool:
    """Whether the file says itself what runs it."""
    with path.open("rb") as file:
        return file.read(2) == b"#!" and _is_executable(path)


def _is_executable(path: Path) -> bool:
    if sys.platform == "win32":
        return path.suffix.lower() in (".exe", ".bat", ".cmd", ".com")
    return os.access(path, os.X_OK) and bool(path.stat().st_mode & (stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH))
