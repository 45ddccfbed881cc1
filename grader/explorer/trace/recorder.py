"""The observer that records a run, step by step. Only runs that are shown are recorded: it makes them slow."""

import sys
from collections.abc import Hashable, Sequence
from dataclasses import replace
from types import FrameType
from typing import Any

from grader.explorer.runtime import tasks
from grader.explorer.runtime.context import scheduler
from grader.explorer.runtime.happens_before import WHOLE
from grader.explorer.runtime.operations import Op
from grader.explorer.runtime.sources import Site, Sources
from grader.explorer.runtime.vector_clocks import Datum
from grader.explorer.runtime.worker import Option, Thing, Worker
from grader.explorer.trace import frames
from grader.explorer.trace.model import Crash, Decision, Request, Stand, Step
from grader.explorer.trace.races import NOTHING, Knew
from grader.protocol.messages import message_on

_MISSING = object()
RequestId = tuple[object, object]  # who asked, and the msg_id


class Recorder:
    """The steps and decisions of the run that this process makes."""

    is_recording = True

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.steps: list[Step] = []
        self.decisions: list[Decision] = []
        self.crashes: list[Crash] = []
        self.stuck: tuple[Stand, ...] = ()  # where everybody stood when nobody could go on any more
        self.unwritten: tuple[int, object, Hashable] | None = None  # a write whose new value is not known yet
        self.names: dict[int, str] = {}  # of locks, by id
        self.taken: dict[str, int] = {}
        self.numbers: dict[int, int] = {}  # of things, by id
        self.owners: dict[int, int] = {}  # numbers of objects, by id
        self.requests: list[dict[str, Any]] = []
        self.answers: list[RequestId] = []  # that the current step gives
        self.answered: list[RequestId] = []
        self.parsed = 0
        self.knew: list[Knew] = []  # what each step's worker knew

    # What the others report.

    def note(self, op: Op, thing: Thing | None = None, *, value: object = "", event: int | None = None) -> None:
        """The current worker has done this."""
        text = value if isinstance(value, str) and (op == "start" or not value) else self.short(value)
        place = self.name(thing) if thing is not None else ""
        datum = -1 if thing is None else self.numbers.setdefault(id(thing), -2 - len(self.numbers))
        self._add(op, place, datum, text, event=event, frames_=frames.here(self.sources))

    def access(self, owner: object, name: Hashable, site: Site, datum: Datum) -> None:
        """The current worker is about to touch a datum; nobody else comes before it has."""
        value = self.short(_peek(owner, name))
        place = site.place
        if isinstance(name, tuple):
            place = f"{place}[{self.short(name[1])}]"
        op: Op = "write" if site.writes else "read"
        found = frames.here(self.sources)
        line = site.line if site.file in self.sources else 0  # else of the library's: where it is called
        self._add(op, place, datum.number, value, line=line, file=site.file, frames_=found)
        number, whole = self.owners.setdefault(id(owner), len(self.owners)), name is WHOLE
        self.knew[-1] = replace(self.knew[-1], owner=number, whole=whole)
        self.steps[-1] = replace(self.steps[-1], owner=number, whole=whole)
        if site.writes:
            self.unwritten = len(self.steps) - 1, owner, name

    def said(self, text: str, datum: Datum) -> None:
        """The current worker puts this into the buffer of stdout, or writes it."""
        self._add("write", "stdout", datum.number, "", frames_=frames.here(self.sources))
        self.steps[-1] = replace(self.steps[-1], written=self.short(text))
        self.knew[-1] = replace(self.knew[-1], owner=-1)

    def gave_way(self, task: Any) -> None:
        """A task awaits something, or has ended."""
        done = task.done()
        where = [] if done else frames.of_task(task, self.sources)
        if where or done:
            self._add("end" if done else "await", "", -1, "", frames_=where, worker=task.get_name())
            if not done:
                self._switch("awaits")

    def switched(self, worker: Worker, *, preempted: bool) -> None:
        """`worker` has lost its turn."""
        if preempted:
            reason = "preempted"
        elif worker.state == "ended":
            reason = "ended"
        elif worker.state == "waits" and worker.doing[1] is not None:
            reason = f"waits for {self.described(worker.doing[1])}"
        else:
            reason = "lets others go first"
        self._switch(reason)

    def _switch(self, reason: str) -> None:
        self._settle()
        if self.steps:
            self.steps[-1] = replace(self.steps[-1], switch=reason)

    def decided(self, worker: Worker, options: Sequence[Option], place: int) -> None:
        """The chooser has chosen."""
        where = self._frames_of(worker)
        file, line = self._place_of(where)
        option = options[place]
        self.decisions.append(
            Decision(
                len(self.steps), worker.name, file, line, worker.doing[0],
                tuple(o.name for o in options), place, option.cost, option.kind, not scheduler().is_promise(),
            )
        )  # fmt: skip

    def crash(self, worker: Worker, error: BaseException) -> None:
        """Nobody has caught this."""
        trace, where = error.__traceback__, []
        while trace is not None:
            if trace.tb_frame.f_code.co_filename in self.sources:
                where.append((trace.tb_frame, trace.tb_lineno))
            trace = trace.tb_next
        frame, line = where[-1] if where else (None, 0)
        file = self.sources.short(frame.f_code.co_filename) if frame else ""
        served = frames.serving([frame for frame, _ in reversed(where)], *self._sent())
        text = f"{type(error).__name__}: {error}"
        self.crashes.append(Crash(worker.name, served, file, line, text, len(self.steps) - 1))

    def all_wait(self) -> None:
        """No worker can go on: where each stands now is what a deadlock is told from."""
        self.stuck = self.stuck or self.stands()

    # Where everybody stands.

    def stands(self) -> tuple[Stand, ...]:
        """Where each worker and task stands now."""
        self._settle()
        run = scheduler()
        found = []
        for worker in run.workers:
            where = self._frames_of(worker)
            waits = self.described(worker.doing[1]) if worker.doing[1] else worker.doing[0]
            is_waiting = worker.state == "waits" and not (worker.ready and worker.ready())
            state = "ended" if worker.state == "ended" else "waits" if is_waiting else "ready"
            held = tuple(self.name(lock) for lock in worker.held)
            found.append(self._stand(worker.name, where, state, waits if is_waiting else "", held))
        for task in tasks.not_ended():
            if not task.done() and task is not tasks.running():
                where = frames.of_task(task, self.sources)
                found.append(self._stand(task.get_name(), where, "waits", "an await", ()))
        return tuple(found)

    def _stand(self, name: str, where: list[FrameType], state: Any, waits: str, held: tuple[str, ...]) -> Stand:
        file, line = self._place_of(where)
        function = where[0].f_code.co_name if where else ""
        values = frames.names(where[0]) if where and function != "<module>" else ()
        return Stand(
            name, frames.serving(where, *self._sent()), file, line, function, state, waits, held, values
        )

    def _frames_of(self, worker: Worker) -> list[FrameType]:
        frame = sys._getframe() if worker is scheduler().current else worker.greenlet.gr_frame
        return list(frames.within(frame, self.sources))

    def _place_of(self, where: list[FrameType]) -> tuple[str, int]:
        if not where:
            return "", 0
        return self.sources.short(where[0].f_code.co_filename), where[0].f_lineno

    # Names and values.

    def short(self, value: object) -> str:
        return NOTHING if value is _MISSING else frames.short(value)

    def name(self, thing: Thing) -> str:
        """What a lock or queue is called; of two with one name the second gets a number."""
        made = getattr(thing, "made", None)
        name = self.names.get(id(made or thing))  # a condition and its lock are made as one
        if name is None:
            name = thing.label
            count = self.taken[name] = self.taken.get(name, 0) + 1
            if count > 1 and made is not None:
                name = f"{name}#{count}"
            self.names[id(made or thing)] = name
        return name

    def described(self, thing: Thing) -> str:
        """What somebody waits for, with its kind: `lock self.lock`."""
        name, made = self.name(thing), getattr(thing, "made", None)
        return name if made is None or name.startswith(("the ", "a ", "an ")) else f"{made.kind} {name}"

    def _sent(self) -> tuple[list[dict[str, Any]], list[RequestId]]:
        """The requests that the node has been sent so far, and those that were answered before this step."""
        events = scheduler().environment.events
        self.answered += self.answers
        self.answers = []
        for event in events[self.parsed :]:
            message = message_on(event.line) if event.kind in ("in", "out") else None
            if message is None:
                continue
            if event.kind == "out":
                self.answers.append((message["dest"], message["body"].get("in_reply_to")))
            elif "in_reply_to" not in message["body"]:
                self.requests.append(message)
        self.parsed = len(events)
        return self.requests, self.answered

    # Writing down.

    def _add(
        self,
        op: Op,
        place: str,
        datum: int,
        value: str,
        *,
        frames_: list[FrameType],
        event: int | None = None,
        line: int = 0,
        file: str = "",
        worker: str = "",
    ) -> None:
        self._settle()
        run = scheduler()
        current = run.current
        task = tasks.running()
        name = worker or (task.get_name() if task is not None else current.name)
        if self.steps and not self.steps[-1].switch and self.steps[-1].worker != name:
            self.steps[-1] = replace(self.steps[-1], switch="its turn is over")
        at = self._place_of(frames_)
        if line:
            at = self.sources.short(file), line
        waited = self.described(current.waited) if current.waited is not None else ""
        current.waited = None
        self.knew.append(Knew(current.number, dict(current.clock), current.locks))
        handler: Request | None = frames.serving(frames_, *self._sent())
        self.steps.append(
            Step(
                len(self.steps), name, handler, at[0], at[1], op, place, datum, value,
                held=tuple(self.name(lock) for lock in current.held), waits_for=waited, event=event,
            )
        )  # fmt: skip

    def _settle(self) -> None:
        """What was about to be written has been: its new value can be seen now."""
        if self.unwritten is not None:
            place, owner, name = self.unwritten
            self.unwritten = None
            self.steps[place] = replace(self.steps[place], written=self.short(_peek(owner, name)))


def _peek(owner: object, name: Hashable) -> object:
    """The value of a datum, without touching it."""
    if isinstance(name, tuple):
        return dict.get(owner, name[1], _MISSING) if isinstance(owner, dict) else _MISSING
    if isinstance(name, str):
        if type(owner) is dict:
            return owner.get(name, _MISSING)
        own = getattr(owner, "__dict__", {})
        if name in own:
            return own[name]
        for base in type(owner).__mro__:
            if name in vars(base):
                kind = vars(base)[name]
                if hasattr(kind, "__get__"):
                    return getattr(owner, name, _MISSING)
                return kind
        return _MISSING
    return owner
