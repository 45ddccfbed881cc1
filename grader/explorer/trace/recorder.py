"""The observer that records a run, step by step. Only runs that are shown are recorded: it makes them slow."""

import itertools
import sys
import weakref
from collections.abc import Hashable, Sequence
from dataclasses import replace
from types import CellType, FrameType, FunctionType, MemberDescriptorType
from typing import Any

from grader.explorer.runtime import tasks
from grader.explorer.runtime.context import scheduler
from grader.explorer.runtime.happens_before import WHOLE
from grader.explorer.runtime.operations import Op
from grader.explorer.runtime.resources import Resource
from grader.explorer.runtime.sources import Site, Sources
from grader.explorer.runtime.vector_clocks import Datum
from grader.explorer.runtime.worker import Option, Thing, Worker
from grader.explorer.trace import frames
from grader.explorer.trace.model import Awaited, Crash, Decision, Request, Stand, State, Step, Switch, Why
from grader.explorer.trace.races import NOTHING, Knew
from grader.protocol.messages import message_on

_MISSING = object()
RequestId = tuple[object, object]  # who asked, and the msg_id
PLAIN = (bool, int, float, str, bytes)  # built-in values: their operators run no code of the node's


class Recorder:
    """The steps and decisions of the run that this process makes."""

    is_recording = True

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.steps: list[Step] = []
        self.decisions: list[Decision] = []
        self.crashes: list[Crash] = []
        self.failed: dict[str, tuple[weakref.ref[Any], Crash]] = {}  # tasks: somebody may yet ask for it
        self.stuck: tuple[Stand, ...] = ()  # where everybody stood when nobody could go on any more
        # A write whose new value is not known yet, and the frame that makes it.
        self.unwritten: tuple[int, object, Hashable, FrameType | None] | None = None
        self.was_plain = False  # the datum touched last: no code of the node's reads or sets it
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
        text = value if isinstance(value, str) and (op in ("start", "free") or not value) else self.short(value)
        place = self.name(thing) if thing is not None else ""
        kind = thing.kind if thing is not None else None
        datum = -1 if thing is None else self.numbers.setdefault(id(thing), -2 - len(self.numbers))
        self._add(op, place, datum, text, event=event, frames_=frames.here(self.sources), kind=kind)

    def access(
        self, owner: object, name: Hashable, site: Site, datum: Datum, *, kind: Resource | None = None
    ) -> None:
        """The current worker is about to touch a datum; nobody else comes before it has."""
        found = frames.here(self.sources)
        frame = found[0] if found else None
        there = _peek(owner, name, frame)
        value = self.short(there)
        place = site.place
        if isinstance(name, tuple):
            place = f"{place}[{self.short(name[1])}]"
        op: Op = "write" if site.writes else "read"
        line = site.line if site.file in self.sources else 0  # else of the library's: where it is called
        self._add(op, place, datum.number, value, line=line, file=site.file, frames_=found, kind=kind)
        number, whole = self.owners.setdefault(id(owner), len(self.owners)), name is WHOLE
        self.knew[-1] = replace(self.knew[-1], owner=number, whole=whole)
        atomic = type(there) is itertools.count
        self.steps[-1] = replace(self.steps[-1], owner=number, whole=whole, atomic=atomic)
        self.was_plain = type(there) in PLAIN and has_plain_attributes(owner)
        if site.writes:
            self.unwritten = len(self.steps) - 1, owner, name, frame

    def said(self, text: str, datum: Datum) -> None:
        """The current worker puts this into the buffer of stdout, or writes it."""
        here = frames.here(self.sources)
        self._add("write", "stdout", datum.number, "", frames_=here, kind=Resource.STDOUT)
        self.steps[-1] = replace(self.steps[-1], written=self.short(text))
        self.knew[-1] = replace(self.knew[-1], owner=-1)

    def gave_way(self, task: Any) -> None:
        """A task awaits something, or has ended."""
        done = task.done()
        if done and (error := task._exception) is not None:
            self.failed[task.get_name()] = weakref.ref(task), self._crash(task.get_name(), error)
        where = [] if done else frames.of_task(task, self.sources)
        if where or done:
            awaited = None if done else frames.awaited_by(task, where)
            op: Op = "end" if done else "await"
            self._add(op, "", -1, "", frames_=where, worker=task.get_name(), awaited=awaited)
            if not done:
                self._switch(Switch(Why.AWAITS, awaited))

    def switched(self, worker: Worker, *, preempted: bool) -> None:
        """`worker` has lost its turn."""
        if preempted:
            switch = Switch(Why.PREEMPTED)
        elif worker.state == "ended":
            switch = Switch(Why.ENDED)
        elif worker.state == "waits" and worker.doing[1] is not None:
            switch = Switch(Why.WAITS, self._awaited(worker, worker.doing[1]))
        else:
            switch = Switch(Why.YIELDS)
        self._switch(switch)

    def _switch(self, switch: Switch) -> None:
        self._settle()
        if self.steps:
            self.steps[-1] = replace(self.steps[-1], switch=switch)

    def decided(self, worker: Worker, options: Sequence[Option], place: int) -> None:
        """The chooser has chosen."""
        where = self._frames_of(worker)
        file, line = self._place_of(where)
        option = options[place]
        self.decisions.append(
            Decision(
                len(self.steps), worker.name, file, line, worker.doing[0],
                tuple(o.name for o in options), place, option.cost, option.kind, self._is_today(),
            )
        )  # fmt: skip

    def _is_today(self) -> bool:
        """Whether this Python, too, may switch here. That it doesn't is known only where the change is the
        interpreter's own: of an object with operators in Python, code runs between reading and writing.
        """
        return not (scheduler().is_promise() and self.was_plain)

    def crash(self, worker: Worker, error: BaseException) -> None:
        """Nobody has caught this."""
        self.crashes.append(self._crash(worker.name, error))

    def unheard(self, task: Any) -> None:
        """A task is gone that an exception had ended, and nobody has asked it for that."""
        if task.get_name() in self.failed:
            self.crashes.append(self.failed.pop(task.get_name())[1])

    def all_crashes(self) -> tuple[Crash, ...]:
        """What has ended workers and tasks, in order: of tasks what nobody has asked for by now."""
        of_tasks = [crash for task, crash in self.failed.values() if getattr(task(), "_log_traceback", False)]
        return tuple(sorted([*self.crashes, *of_tasks], key=lambda crash: crash.n))

    def _crash(self, worker: str, error: BaseException) -> Crash:
        trace, where = error.__traceback__, []
        while trace is not None:
            if trace.tb_frame.f_code.co_filename in self.sources:
                where.append((trace.tb_frame, trace.tb_lineno))
            trace = trace.tb_next
        frame, line = where[-1] if where else (None, 0)
        file = self.sources.short(frame.f_code.co_filename) if frame else ""
        served = frames.serving([frame for frame, _ in reversed(where)], *self._sent())
        kind = type(error).__name__
        text = f"{kind}: {said}" if (said := frames.without_addresses(str(error))) else kind
        callers = [(self.sources.short(one.f_code.co_filename), at) for one, at in reversed(where[:-1])]
        return Crash(worker, served, file, line, text, len(self.steps) - 1, kind, tuple(callers))

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
            is_waiting = worker.state == "waits" and not (worker.ready and worker.ready())
            state: State = "ended" if worker.state == "ended" else "waits" if is_waiting else "ready"
            held = tuple(self.name(lock) for lock in worker.held)
            awaited = self._awaited(worker, worker.doing[1]) if is_waiting else None
            if awaited is not None and worker.deadline is not None:
                awaited = replace(awaited, timeout=worker.timeout)
            found.append(self._stand(worker.name, where, state, awaited, held))
        for task in tasks.not_ended():
            if not task.done() and task is not tasks.running():
                where = frames.of_task(task, self.sources)
                awaited = frames.awaited_by(task, where)
                found.append(self._stand(task.get_name(), where, "waits", awaited, (), task=True))
        return tuple(found)

    def _stand(
        self,
        name: str,
        where: list[FrameType],
        state: State,
        awaited: Awaited | None,
        held: tuple[str, ...],
        *,
        task: bool = False,
    ) -> Stand:
        file, line = self._place_of(where)
        function = where[0].f_code.co_name if where else ""
        values = frames.names(where[0]) if where and function != "<module>" else ()
        serves = frames.serving(where, *self._sent())
        return Stand(name, serves, file, line, function, state, awaited, held, values, task)

    def _frames_of(self, worker: Worker) -> list[FrameType]:
        # Not the frame of this function: one that is known to itself is never freed, nor are those around it.
        frame = sys._getframe(1) if worker is scheduler().current else worker.greenlet.gr_frame
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

    def _awaited(self, worker: Worker, thing: Thing | None) -> Awaited:
        """What a worker waits for, by what it is about to do; without a thing it is several futures."""
        if thing is None:
            return Awaited(Resource.FUTURES)
        return Awaited(thing.kind, self.name(thing), put=worker.doing[0] == "put")

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
        kind: Resource | None = None,
        awaited: Awaited | None = None,
    ) -> None:
        self._settle()
        run = scheduler()
        current = run.current
        task = tasks.running()
        name = worker or (task.get_name() if task is not None else current.name)
        if self.steps and not self.steps[-1].switch and self.steps[-1].worker != name:
            self.steps[-1] = replace(self.steps[-1], switch=Switch(Why.OVER))
        at = self._place_of(frames_)
        if line:
            at = self.sources.short(file), line
        if current.waited is not None:
            awaited = self._awaited(current, current.waited)
        current.waited = None
        self.knew.append(Knew(current.number, dict(current.clock), current.locks))
        handler: Request | None = frames.serving(frames_, *self._sent())
        self.steps.append(
            Step(
                len(self.steps), name, handler, at[0], at[1], op, place, datum, value,
                held=tuple(self.name(lock) for lock in current.held), waits_for=awaited, event=event,
                kind=kind, task=bool(worker) or task is not None,
            )
        )  # fmt: skip

    def _settle(self) -> None:
        """What was about to be written has been: its new value can be seen now."""
        if self.unwritten is not None:
            place, owner, name, frame = self.unwritten
            self.unwritten = None
            self.steps[place] = replace(self.steps[place], written=self.short(_peek(owner, name, frame)))


_PLAIN = MemberDescriptorType, FunctionType, classmethod, staticmethod


def has_plain_attributes(owner: object) -> bool:
    """Whether to read or set what it holds runs no code of the node's."""
    kind = type(owner)
    own = (kind.__setattr__, kind.__getattribute__)
    return own == (object.__setattr__, object.__getattribute__) or isinstance(owner, dict | type)


def _peek(owner: object, name: Hashable, frame: FrameType | None) -> object:
    """The value of a datum, without touching it; a variable of a function around is seen from `frame`."""
    if isinstance(owner, CellType):
        try:
            return owner.cell_contents
        except ValueError:  # nothing was bound yet
            return _MISSING
    if type(owner) is dict and isinstance(name, str) and name not in owner and frame is not None:
        code = frame.f_code
        if name in code.co_freevars or name in code.co_cellvars:
            return frame.f_locals.get(name, _MISSING)
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
                if isinstance(kind, _PLAIN):
                    return getattr(owner, name, _MISSING)
                return _MISSING if hasattr(kind, "__get__") else kind  # to ask runs code, and may change it
        return _MISSING
    return owner
