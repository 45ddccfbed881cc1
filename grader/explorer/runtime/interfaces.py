"""What the scheduler, the stand-ins and the instrumentation need of one another, and no more.

Each run has three roles: the *environment* (the node's stdin, stdout and exit, driven by a case), the
*observer* (who records what happens; by default nobody does) and the *program* (the instrumented node).
"""

from collections.abc import Hashable, Sequence
from types import ModuleType
from typing import Any, Protocol

from grader.conversation.transcript import Event, Transcript
from grader.explorer.runtime.operations import Op
from grader.explorer.runtime.resources import Resource
from grader.explorer.runtime.sources import Site, Sources
from grader.explorer.runtime.vector_clocks import Datum
from grader.explorer.runtime.worker import Option, Thing, Worker
from grader.sandbox.policy import Limits


class Program(Protocol):
    """The node, instrumented: sites are numbered, and each call of the instrumentation names one."""

    @property
    def file(self) -> str: ...

    @property
    def sources(self) -> Sources: ...

    @property
    def sites(self) -> Sequence[Site]: ...

    @property
    def spaces(self) -> dict[int, object]:
        """Dicts that hold variables or attributes, by id, and whose they are."""

    @property
    def modules(self) -> set[str]:
        """The names of the modules that are the node's own."""

    @property
    def mentioned(self) -> set[type]:
        """Classes of the library's that were given probes."""

    @property
    def limits(self) -> Limits:
        """How much it may write in one run."""

    @property
    def words(self) -> set[str]:
        """All names and words of its source."""

    def with_probes(self, module: ModuleType) -> dict[str, Any]:
        """A module of the library's that is written in Python, instrumented: its variables."""

    @property
    def changes_streams(self) -> bool:
        """Whether `sys.stdout` and its like may become others."""

    @property
    def tells_threads_apart(self) -> bool:
        """Whether threads that run the same may go different ways, since they ask who they are."""

    def run(self) -> None:
        """Run the script as `__main__`, in this process."""


class Environment(Protocol):
    """What the node talks to: its stdin, stdout, stderr and end, and the time at which the case goes on."""

    @property
    def events(self) -> Sequence[Event]:
        """The transcript so far, but for the end of a long stderr."""

    def transcript(self) -> Transcript:
        """All of it; where much was said on stderr, without its middle."""

    @property
    def is_over(self) -> bool:
        """Whether nothing that comes now changes the verdict."""

    def begin(self) -> None:
        """Send what is due at the start."""

    def readable(self) -> bool:
        """Whether a read would return at once."""

    def writes(self) -> int:
        """How many writes wait in the pipe to the node; the end of input is one."""

    def take(self, size: int = ..., writes: int = ...) -> bytes:
        """What a read of at most `size` bytes returns, if so many writes have arrived."""

    def write(self, data: bytes) -> None:
        """The node writes this to its stdout."""

    def complain(self, data: bytes) -> None:
        """The node writes this to its stderr."""

    def say_error(self, error: BaseException, thread: str | None) -> None:
        """An uncaught exception, as Python reports it; `thread` is None for the main one."""

    def exit(self, status: int) -> None:
        """The node ends by itself. Never returns."""

    def next_time(self) -> float | None:
        """When, by the virtual clock, the environment acts though the node writes nothing."""

    def time_has_come(self) -> None:
        """The virtual clock has reached `next_time`."""

    def key(self) -> int:
        """A hash of the state: what is on its way to the node, and how far the case is."""


class Observer(Protocol):
    """Who is told what happens in a run. Telling it changes nothing that the node can see."""

    @property
    def is_recording(self) -> bool:
        """Whether it wants the run as it was, to the end, rather than only its verdict."""

    def note(self, op: Op, thing: Thing | None = None, *, value: object = "", event: int | None = None) -> None:
        """The current worker has done this."""

    def access(
        self, owner: object, name: Hashable, site: Site, datum: Datum, *, kind: Resource | None = None
    ) -> None:
        """The current worker is about to touch a datum."""

    def said(self, text: str, datum: Datum) -> None:
        """The current worker puts this into the buffer of stdout, or writes it."""

    def gave_way(self, task: Any) -> None:
        """A task awaits something, or has ended."""

    def unheard(self, task: Any) -> None:
        """A task is gone that an exception had ended, and nobody has asked it for that."""

    def switched(self, worker: Worker, *, preempted: bool) -> None:
        """`worker` has lost its turn."""

    def decided(self, worker: Worker, options: Sequence[Option], place: int) -> None:
        """The chooser has chosen."""

    def crash(self, worker: Worker, error: BaseException) -> None:
        """Nobody has caught this."""

    def all_wait(self) -> None:
        """No worker can go on, and no timeout will change that."""


class NullObserver:
    """Records nothing: the search makes thousands of runs, and records only the one that it shows."""

    is_recording = False

    def note(self, op: Op, thing: Thing | None = None, *, value: object = "", event: int | None = None) -> None:
        pass

    def access(
        self, owner: object, name: Hashable, site: Site, datum: Datum, *, kind: Resource | None = None
    ) -> None:
        pass

    def said(self, text: str, datum: Datum) -> None:
        pass

    def gave_way(self, task: Any) -> None:
        pass

    def unheard(self, task: Any) -> None:
        pass

    def switched(self, worker: Worker, *, preempted: bool) -> None:
        pass

    def decided(self, worker: Worker, options: Sequence[Option], place: int) -> None:
        pass

    def crash(self, worker: Worker, error: BaseException) -> None:
        pass

    def all_wait(self) -> None:
        pass
