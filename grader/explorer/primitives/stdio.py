"""Stand-ins for stdin, stdout and stderr, by whichever way a node uses them.

Reading: `sys.stdin` (by line, by iteration, as bytes), `input`, `open(0)`, `os.read`.
Writing: `print`, `sys.stdout` with its buffer, which is written when it is flushed, and `os.write`.
"""

import builtins
import io
import os
import posix
import stat
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from grader.explorer.primitives import printing
from grader.explorer.primitives.boundary import escape
from grader.explorer.primitives.descriptors import is_standard, stands_for
from grader.explorer.runtime import originals
from grader.explorer.runtime.context import is_running, scheduler
from grader.explorer.runtime.environment import INPUT
from grader.explorer.runtime.interfaces import Program
from grader.explorer.runtime.worker import Option

BUFFER = 8_192  # characters that stdout keeps before it writes by itself
STDOUT_SITE = -1  # the site of all writes


class Pipe:
    """The node's end of its stdin: bytes that have been read and not yet used."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.ended = False

    def fill(self) -> bool:
        """Read once more; False at the end of input."""
        data = read(0)
        self.data += data
        self.ended = self.ended or not data
        return bool(data)

    def has_line(self) -> bool:
        """Whether a line can be had without reading."""
        return self.ended or b"\n" in self.data

    def take(self, size: int) -> bytes:
        data = bytes(self.data[:size])
        del self.data[:size]
        return data


def read(fd: int, size: int = 65_536) -> bytes:
    """`os.read`: a free switch, since nothing says when a line arrives."""
    fd = stands_for(fd)
    if fd != 0:
        _refuse_pipes(fd)
        return originals.read(fd, size)
    run = scheduler()
    run.step("read", INPUT, ready=run.environment.readable, free=True)
    writes = run.environment.writes()
    taken = 1
    if run.takes_arrivals and writes > 1:
        options = [Option("arrival", f"{n} of {writes} writes", 0) for n in range(1, writes + 1)]
        taken = 1 + options.index(run.decide(run.current, options, False))
        run.note_seen("arrived", taken)
    return run.environment.take(size, taken)


def write(fd: int, data: bytes) -> int:
    """`os.write`."""
    data, fd = bytes(data), stands_for(fd)
    if fd == 1:
        touch_stdout(data.decode("utf-8", "replace"))
        scheduler().environment.write(data)
    elif fd == 2 and is_running():
        scheduler().environment.complain(data)
    else:
        _refuse_pipes(fd)
        return originals.write(fd, data)
    return len(data)


def _refuse_pipes(fd: int) -> None:
    """Reading a pipe between the node's own threads is a wait outside of our control: an escape."""
    is_own = is_running() and sys._getframe(2).f_code.co_filename in scheduler().sources
    if is_own and stat.S_ISFIFO(os.fstat(fd).st_mode):
        escape("os.pipe")()


def touch_stdout(text: str = "") -> None:
    """The current worker is about to write, or to put something into the buffer."""
    run = scheduler()
    datum = run.access(run.environment, "stdout", STDOUT_SITE, reads=True, writes=True)
    if text:
        run.observer.said(text, datum)


class Input(io.TextIOBase):
    """`sys.stdin`, and with `binary` its buffer. Both read ahead into the same pipe."""

    name = "<stdin>"
    mode = "r"

    def __init__(self, pipe: Pipe | None = None, *, binary: bool = False) -> None:
        self.pipe = pipe or Pipe()
        self.binary = binary
        if not binary:
            self.buffer = Input(self.pipe, binary=True)

    @property
    def raw(self) -> "RawInput":
        return RawInput(self.pipe, binary=True)

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    def _out(self, data: bytes) -> Any:
        return data if self.binary else data.decode("utf-8", "surrogateescape").replace("\r\n", "\n")

    def readline(self, size: int | None = -1) -> Any:
        pipe = self.pipe
        while (end := pipe.data.find(b"\n")) < 0 and not pipe.ended:
            pipe.fill()
        length = len(pipe.data) if end < 0 else end + 1
        if size is not None and 0 <= size < length:
            length = size
        return self._out(pipe.take(length))

    def read(self, size: int | None = -1) -> Any:
        pipe = self.pipe
        while not pipe.ended and (size is None or size < 0 or len(pipe.data) < size):
            pipe.fill()
        return self._out(pipe.take(len(pipe.data) if size is None or size < 0 else size))

    def read1(self, size: int = -1) -> Any:
        if not self.pipe.data and not self.pipe.ended:
            self.pipe.fill()
        return self._out(self.pipe.take(len(self.pipe.data) if size < 0 else size))

    def readinto(self, target: Any) -> int:
        data = self.read1(len(target))
        target[: len(data)] = data
        return len(data)

    def readlines(self, _hint: int | None = -1) -> list[Any]:
        return list(self)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        if line := self.readline():
            return line
        raise StopIteration

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return 0

    def isatty(self) -> bool:
        return False

    def reconfigure(self, **_: Any) -> None:
        pass

    def detach(self) -> Any:
        return self.buffer

    def close(self) -> None:
        pass


class RawInput(Input):
    """stdin without a buffer: a read brings what is there."""

    def read(self, size: int | None = -1) -> Any:
        return super().read(size) if size is None or size < 0 else self.read1(size)


class Output(io.TextIOBase):
    """`sys.stdout`, and with `binary` its buffer. What is written is kept until it is flushed."""

    name = "<stdout>"
    mode = "w"

    def __init__(self, kept: list[bytes] | None = None, *, binary: bool = False) -> None:
        self.kept = [] if kept is None else kept
        self.binary = binary
        self.raw = self
        self.by_line = self.at_once = False
        if not binary:
            self.buffer = Output(self.kept, binary=True)

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    def write(self, data: Any) -> int:
        touch_stdout(data if isinstance(data, str) else bytes(data).decode("utf-8", "replace"))
        if not self.binary and not isinstance(data, str):
            raise TypeError(f"write() argument must be str, not {type(data).__name__}")
        raw = bytes(data) if self.binary else data.encode("utf-8", "surrogateescape")
        if raw:
            self.kept.append(raw)
        full = sum(map(len, self.kept)) > BUFFER
        if full or self.at_once or (self.by_line and b"\n" in raw):
            self._empty()
        return len(data)

    def writelines(self, lines: Iterable[Any]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        if is_running():
            touch_stdout()
            self._empty()

    def _empty(self) -> None:
        data = b"".join(self.kept)
        self.kept.clear()
        if data:
            scheduler().environment.write(data)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return 1

    def isatty(self) -> bool:
        return False

    def reconfigure(
        self, *, line_buffering: bool | None = None, write_through: bool | None = None, **_: Any
    ) -> None:
        if line_buffering is not None:
            self.by_line = line_buffering
        if write_through is not None:
            self.at_once = write_through
        self._empty()

    def detach(self) -> Any:
        return self.buffer

    def close(self) -> None:
        self.flush()


class Errors(io.TextIOBase):
    """`sys.stderr`: unbuffered. It is never judged, so a write to it is no scheduling point."""

    name = "<stderr>"

    def __init__(self, *, binary: bool = False) -> None:
        self.binary = binary
        if not binary:
            self.buffer = Errors(binary=True)

    def write(self, data: Any) -> int:
        raw = bytes(data) if self.binary else str(data).encode("utf-8", "backslashreplace")
        if is_running():
            scheduler().environment.complain(raw)
        else:
            originals.write(2, raw)
        return len(data)

    def fileno(self) -> int:
        return 2

    def writable(self) -> bool:
        return True

    def reconfigure(self, **_: Any) -> None:
        pass

    def close(self) -> None:
        pass


def open_file(file: Any, mode: str = "r", buffering: int = -1, *args: Any, **kwargs: Any) -> Any:
    """`open` and `os.fdopen`: a node may open its stdin and stdout by number."""
    file = stands_for(file)
    if file == 0:
        stdin: Any = sys.__stdin__
        return stdin if "b" not in mode else stdin.buffer if buffering else stdin.buffer.raw
    if file == 1:
        return _output(binary="b" in mode, buffering=buffering)
    if file == 2:
        return Errors(binary="b" in mode)
    if is_running() and set("wax+") & set(mode):
        scheduler().settle()
    return originals.open_file(file, mode, buffering, *args, **kwargs)


def _output(*, binary: bool, buffering: int) -> Output:
    output = Output(binary=binary)
    output.at_once = buffering == 0
    output.by_line = buffering == 1
    return output


def number_of(file: Any) -> int:
    """The number of an open file, which may be given as such."""
    number: int = stands_for(file if isinstance(file, int) else int(file.fileno()))
    return number


def writev(fd: int, parts: Iterable[bytes]) -> int:
    """`os.writev`."""
    return write(fd, b"".join(parts))


class FileIO(io.FileIO):
    """`io.FileIO`: of stdin and stdout, what stands in for them."""

    def __new__(cls, file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        if is_running() and is_standard(file):
            return open_file(file, mode.replace("b", "") + "b", 0)
        if is_running() and set("wax+") & set(mode):
            scheduler().settle()
        return super().__new__(cls, file, mode, *args, **kwargs)  # type: ignore[call-arg]


def install() -> None:
    """Put the stand-ins into `sys`, `os`, `builtins` and `io`."""
    stdin, stdout, stderr = Input(), Output(), Errors()
    originals.put(sys, stdin=stdin, stdout=stdout, stderr=stderr)
    originals.put(sys, __stdin__=stdin, __stdout__=stdout, __stderr__=stderr)
    originals.put(os, read=read, write=write, fdopen=open_file)
    originals.put(builtins, open=open_file, input=printing.input)
    originals.put(io, open=open_file, FileIO=FileIO)
    originals.put(os, writev=writev)
    originals.put(posix, read=read, write=write, writev=writev)


def adapt(program: Program) -> None:
    """Where `sys.stdout` may become another, who prints looks at what all threads share."""
    if program.changes_streams:
        probed = program.with_probes(printing)
        originals.put(builtins, print=probed["print"], input=probed["input"])
