"""Where a node's threads and tasks stand, as it said itself: read from its stderr.

A Python node tells it twice over: `injected/sitecustomize.py` when it is asked by a signal, with the source of
each line, the locks and the tasks; and Python's fault handler, which knows only frames, when it is ended.
"""

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

_THREAD = re.compile(r"^(?:Current thread|Thread) 0x[0-9a-f]+.*\(most recent call first\):$")
_FRAME = re.compile(r'^  File "(?P<file>.*)", line (?P<line>\d+) in (?P<function>.*)$')
_RUNTIME = re.compile(r"^    at .*\bnode:|^Node\.js v|^\s*[~^]+\s*$")
_LIBRARY = re.compile(r"^<|[/\\][Ll]ib(64)?[/\\](python3|\w+\.py$)|[/\\](site|dist)-packages[/\\]")

DUMP = "Fatal Python error: Aborted"  # the line with which the fault handler begins
LOOKED, ROW, STOOD = "<<< where the node stands", "<<< stands ", "<<< that is where it stands"
CALLERS = 2  # shown of each place
SHOWN = 4  # places; a hundred threads that all wait for the same thing say no more than a few

Loop = Literal["", "for", "while", "ever"]
Who = Literal["main", "thread", "main task", "task"]


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock that a line wants, or that a `with` around it holds since line `line`."""

    state: Literal["holds", "wants"]
    name: str  # as the node's source has it: self.lock
    identity: int  # 0 if unknown
    line: int

    def is_same(self, other: "Lock") -> bool:
        """Whether both are one lock; where that is unknown, their names decide."""
        if self.identity and other.identity:
            return self.identity == other.identity
        return self.name == other.name


@dataclass(frozen=True, slots=True)
class Frame:
    file: str
    line: int
    function: str
    is_coroutine: bool = False
    source: str = ""
    locks: tuple[Lock, ...] = ()
    loop: Loop = ""  # the outermost one of its function that the line is in; "ever" is while True
    in_loop: int = 0  # the line of the innermost one

    @property
    def is_learners(self) -> bool:
        return _LIBRARY.search(self.file) is None

    @property
    def base(self) -> str:
        return re.split(r"[/\\]", self.file)[-1]


@dataclass(frozen=True, slots=True)
class TableEntry:
    """A table of the node's, and the key under which it has who waits, or under which that one looks for what
    has come; both as the node's source has them. Both are empty where nothing of the node's has who waits.
    """

    table: str
    key: str
    read: tuple[tuple[int, str], ...] = ()  # lines that look something up there, with the source of the key
    written: tuple[tuple[int, str], ...] = ()  # lines that put something there
    has: tuple[str, ...] | None = None  # where it looks for what has come: keys that are there


@dataclass(frozen=True, slots=True)
class Stack:
    """A place at which so many threads or tasks stand; innermost frame first."""

    who: Who
    count: int
    frames: tuple[Frame, ...]
    is_of_pool: bool = False  # of the library's: an executor's worker, say
    queued: int = 0  # what waits for a worker of that pool
    noted: tuple[TableEntry, ...] = ()  # of each, as far as it is known

    @property
    def own(self) -> tuple[Frame, ...]:
        """The frames in the learner's own files."""
        return tuple(frame for frame in self.frames if frame.is_learners)

    @property
    def is_in_library(self) -> bool:
        """Whether it stands in a call of the library's, not in a line of the learner's itself."""
        return bool(self.frames) and not self.frames[0].is_learners

    @property
    def is_idle_worker(self) -> bool:
        """Whether it is of a pool of executors, and has nothing to do."""
        file = self.frames[0].file.replace("\\", "/") if self.frames else ""
        return not self.own and file.endswith("concurrent/futures/thread.py")

    @property
    def is_over(self) -> bool:
        """Whether it is the main thread, done, which only waits for the others to end."""
        return self.who == "main" and not self.own and any(f.function == "_shutdown" for f in self.frames)

    @property
    def subject(self) -> str:
        """Who stands there, at the beginning of a sentence."""
        if self.who == "main":
            return "the main thread"
        if self.who == "main task":
            return "the main task"
        return f"a {self.who}" if self.count == 1 else f"{self.count} {self.who}s"


@dataclass(frozen=True, slots=True)
class Failed:
    """A task that an exception ended, and that nobody has asked for it."""

    text: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Swallowed:
    """An exception that ended in an `except` that can't have had it in mind, or, if `by` is 0, in a pool."""

    text: str
    file: str
    line: int
    by: int  # the line of that `except`
    is_broad: bool  # it takes whatever comes
    at_ms: float  # when it was raised, since the conversation began


@dataclass(frozen=True, slots=True)
class Ran:
    """One of the node's own functions that ran."""

    function: str
    line: int  # its first
    end: int  # at which it ended, or gave way; 0: it did neither
    is_over: bool
    at_ms: float  # when it began, since the conversation did


@dataclass(frozen=True, slots=True)
class Unstarted:
    """A thread, or a timer, that the node has made and not started."""

    kind: str  # the name of its class
    file: str
    line: int
    at_ms: float  # when it was made, since the conversation began


@dataclass(frozen=True, slots=True)
class Taken:
    """A lock that a function takes by `acquire` and does not give back on every path."""

    name: str
    at: Frame
    leaves: int = 0  # the line of a `return` before its `release`; 0 if it has no `release`


@dataclass(frozen=True, slots=True)
class Look:
    """What a node said of where it stands. `at` is the place in its stderr at which it had."""

    at: int
    stacks: tuple[Stack, ...]
    failed: tuple[Failed, ...] = ()
    cpu_s: float | None = None  # that it had used by then
    taken: tuple[Taken, ...] = ()
    processes: tuple[Frame, ...] = ()  # the node's own functions that it has started in processes
    uncalled: tuple[Frame, ...] = ()  # statements that only name a function; questions do, with its name
    swallowed: tuple[Swallowed, ...] = ()  # this and the next are told only where the node was followed
    ran: tuple[Ran, ...] = ()
    unstarted: tuple[Unstarted, ...] = ()


def is_of_a_look(line: str) -> bool:
    """Whether it is the answer of a Python node that was asked where it stands, and no word of its own."""
    return line.startswith((LOOKED, ROW, STOOD))


def spoken(stderr: Iterable[str]) -> list[str]:
    """What the node itself has to say: without blank lines, where it stood, and what an interpreter adds."""
    lines: list[str] = []
    for line in stderr:
        if line == DUMP:
            break
        if line.strip() and not is_of_a_look(line) and not _RUNTIME.search(line):
            lines.append(line)
    return lines


def looks(stderr: Sequence[str]) -> list[Look]:
    """All that it said of where it stands, in order; the fault handler's dump, if there is one, last."""
    found: list[Look] = []
    rows: list[dict[str, Any]] = []
    for n, line in enumerate(stderr):
        if line == LOOKED:
            rows = []
        elif line.startswith(ROW):
            rows += _row(line.removeprefix(ROW))
        elif line == STOOD:
            found.append(_look(n, rows))
    if stacks := _dumped(stderr):
        found.append(Look(len(stderr), stacks))
    return found


def _row(text: str) -> list[dict[str, Any]]:
    try:
        row = ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):  # cut, or the node's own words
        return []
    return [row] if isinstance(row, dict) and "who" in row else []


def _look(at: int, rows: list[dict[str, Any]]) -> Look:
    node = next((row for row in rows if row["who"] == "node"), {})
    failed = tuple(Failed(row["text"], row["file"], row["line"]) for row in rows if row["who"] == "failed")
    stacks = tuple(
        Stack(
            row["who"],
            row["count"],
            tuple(_frame(*frame) for frame in row["frames"]),
            row.get("pool", False),
            row.get("queued", 0),
            _noted(row),
        )
        for row in rows
        if "frames" in row
    )
    taken = tuple(Taken(name, Frame(file, line, ""), *way) for name, file, line, *way in node.get("taken", ()))
    processes = tuple(Frame(file, line, name) for name, file, line in node.get("processes", ()))
    uncalled = tuple(
        Frame(file, line, name, source=text) for file, line, text, name in node.get("uncalled", ())
    )
    swallowed = tuple(
        Swallowed(row["text"], row["file"], row["line"], row["by"], row["broad"], row["at_ms"])
        for row in rows
        if row["who"] == "swallowed"
    )
    ran = tuple(Ran(*row["call"]) for row in rows if row["who"] == "ran")
    unstarted = tuple(
        Unstarted(row["kind"], row["file"], row["line"], row["at_ms"])
        for row in rows
        if row["who"] == "unstarted"
    )
    return Look(at, stacks, failed, node.get("cpu"), taken, processes, uncalled, swallowed, ran, unstarted)


def _noted(row: dict[str, Any]) -> tuple[TableEntry, ...]:
    return tuple(
        TableEntry(
            one["table"],
            one["key"],
            tuple(map(tuple, one.get("read", ()))),
            tuple(map(tuple, one.get("written", ()))),
            tuple(one["has"]) if "has" in one else None,
        )
        for one in row.get("noted", ())
        if one
    )


def _frame(
    file: str,
    line: int,
    function: str,
    is_coroutine: bool,
    source: str,
    locks: list[Any],
    loop: Loop = "",
    in_loop: int = 0,
) -> Frame:
    held = tuple(Lock(*lock) for lock in locks)
    return Frame(file, line, function, is_coroutine, source, held, loop, in_loop)


def _dumped(stderr: Iterable[str]) -> tuple[Stack, ...]:
    """The stack of each thread, as the fault handler's last dump tells them."""
    found: list[list[Frame]] = []
    is_dump = False
    for line in stderr:
        if line == DUMP:
            found, is_dump = [], True
        elif is_dump and _THREAD.match(line):
            found.append([])
        elif found and (frame := _FRAME.match(line)):
            found[-1].append(Frame(frame["file"], int(frame["line"]), frame["function"]))
    stacks: dict[tuple[Frame, ...], int] = {}
    for frames in filter(None, found):
        stacks[tuple(frames)] = stacks.get(tuple(frames), 0) + 1
    return tuple(
        Stack("main" if frames[-1].function == "<module>" else "thread", count, frames)
        for frames, count in stacks.items()
    )


def describe(look: Look) -> tuple[str, ...]:
    """A line for each place at which somebody stood, in the learner's own files, with what they waited in."""
    lines = []
    for stack in look.stacks:
        if not stack.own:
            continue
        own, *callers = stack.own
        text = f"{stack.subject} stood at {own.base} line {own.line}, in {own.function}"
        if own.source:
            text += f": {own.source}"
        elif stack.is_in_library:
            text += f", waiting in {stack.frames[0].function} ({stack.frames[0].base})"
        if by := [f"{frame.function} (line {frame.line})" for frame in callers[:CALLERS]]:
            text += f"; called by {', by '.join(by)}"
        lines.append(text)
    if len(lines) > SHOWN:
        lines[SHOWN - 1 :] = [f"and {len(lines) - SHOWN + 1} other places"]
    return tuple(lines)
