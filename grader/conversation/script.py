"""How a case goes on: which step is next, which message answers which pattern. Pure; touches no process.

The conversation drives a node with it, the judge reads a transcript with it, so both always agree. It
knows what fits and what doesn't; what that means is for the checks.
"""

from collections import deque
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from grader.cases.model import BURST, Case, Close, Expect, Send, SendRaw, Silence
from grader.conversation.patterns import Ids, Index, Pattern, PatternKind, compile_pattern, fill
from grader.protocol.json_values import dumps, freeze, same
from grader.protocol.messages import Message, NotAMessage, error_code, parse


@dataclass(slots=True, eq=False)
class Heard:
    """One message of the node's. `answers` is the pattern it was assigned to, once there is one."""

    event: int
    message: Message
    answers: Pattern | None = None
    is_optional: bool = False  # it may come at any time


@dataclass(frozen=True, slots=True)
class Early:
    """An error 0 that came while something else was still expected."""

    heard: Heard
    awaited: tuple[Pattern, ...]


class Group:
    """Neighbouring `expect` steps: which of their patterns have been answered, and by what."""

    def __init__(self, case: Case, templates: list[dict[str, Any]]) -> None:
        self.case = case
        self.templates = templates
        self.answers: dict[int, Heard] = {}
        self.index = Index(())
        self.ready = False

    def prepare(self, bindings: dict[str, Any]) -> None:
        """Compile the patterns, with the names that are bound by now. Forgets all answers."""
        ids: Ids = "placed" if self.case.order == "exact" else "compared"
        if self.case.msg_ids == "ignored":
            ids = "ignored"
        self.index = Index(
            compile_pattern(template, bindings, self.case.match, ids) for template in self.templates
        )
        self.answers = {}
        self.ready = True

    @property
    def patterns(self) -> list[Pattern]:
        return self.index.patterns

    @property
    def is_complete(self) -> bool:
        return len(self.answers) == len(self.templates)

    @property
    def waits_for_names(self) -> bool:
        return any(pattern.waits_for for pattern in self.patterns)

    def open(self) -> list[Pattern]:
        """The patterns that nothing has answered yet, as listed."""
        return [pattern for place, pattern in enumerate(self.patterns) if place not in self.answers]

    @property
    def is_burst(self) -> bool:
        """Whether this is a burst: so many messages at once that even a right node may take its time."""
        return len(self.templates) > BURST

    def take(self, heard: Heard) -> bool:
        """Assign the message so that all that came fit, if that is possible; ties as listed."""
        kinds = self.index.fitting(heard.message)
        free = [kind for kind in kinds if kind.free]
        if free:
            self._put(min(free, key=lambda kind: kind.free[0]), heard)
            return True
        return self._make_room(kinds, heard)

    def _make_room(self, kinds: list[PatternKind], heard: Heard) -> bool:
        """Find an augmenting path: move earlier messages to other kinds that they fit, to free one for this.

        The shortest chain of moves is looked for, kind by kind, and no kind is looked at twice.
        """
        moved_from: dict[PatternKind, int | None] = dict.fromkeys(kinds)  # the place whose message can go there
        queue = deque(kinds)
        while queue:
            for place in sorted(queue.popleft().taken):
                for kind in self.index.fitting(self.answers[place].message):
                    if kind in moved_from:
                        continue
                    moved_from[kind] = place
                    if kind.free:
                        self._move_along(kind, moved_from, heard)
                        return True
                    queue.append(kind)
        return False

    def _move_along(self, kind: PatternKind, moved_from: dict[PatternKind, int | None], heard: Heard) -> None:
        while (place := moved_from[kind]) is not None:
            self._put(kind, self.answers[place])
            kind = self.index.kinds[place]
            kind.taken.remove(place)
            kind.free.append(place)
        self._put(kind, heard)

    def _put(self, kind: PatternKind, heard: Heard) -> None:
        place = kind.free.popleft()
        kind.taken.append(place)
        self.answers[place] = heard
        heard.answers = self.patterns[place]


Stage = Send | SendRaw | Group | Silence | Close


class Script:
    """One case on its way. `stage` is what is due now, or None when nothing is left to do."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.bindings: dict[str, Any] = {}
        self.optional: list[dict[str, Any]] = []
        self.stages: list[Stage] = []
        for step in case.steps:
            if not isinstance(step, Expect):
                self.stages.append(step)
            elif step.optional:
                self.optional.extend(step.patterns)
            else:
                if not (self.stages and isinstance(self.stages[-1], Group)):
                    self.stages.append(Group(case, []))
                group = self.stages[-1]
                assert isinstance(group, Group)
                group.templates.extend(step.patterns)
        self.at = 0
        self.heard: list[Heard] = []
        self.kept: list[Heard] = []  # answers of groups that are not due yet
        self.stray: Heard | None = None  # the message that fits nothing
        self.junk: tuple[int, NotAMessage] | None = None  # the line that is no message, and why
        self.early: Early | None = None
        self.asked: dict[Hashable, Heard] = {}  # the node's own requests that no peer has answered
        self.given_up = False  # time is up: what comes now is no verdict any more
        self.init_ok: Heard | None = None
        self._enter()

    @property
    def stage(self) -> Stage | None:
        return self.stages[self.at] if self.at < len(self.stages) else None

    @property
    def is_last(self) -> bool:
        """Whether this is the last stage."""
        return self.at >= len(self.stages) - 1

    @property
    def is_clear(self) -> bool:
        """Whether the verdict can't change any more: something came that fits nothing, or too early."""
        return self.stray is not None or self.junk is not None or self.early is not None

    def say(self) -> str:
        """The text of the write that is due; goes on to the next stage."""
        stage = self.stage
        assert isinstance(stage, Send | SendRaw)
        if isinstance(stage, SendRaw):
            text = stage.text
        else:
            messages = [fill(message, self.bindings) for message in stage.messages]
            for message in messages:
                self.asked.pop(freeze(message["body"].get("in_reply_to")), None)
            text = "".join(dumps(message) + "\n" for message in messages)
        self.go_on()
        return text

    def go_on(self) -> None:
        """Go on to the next stage."""
        self.at += 1
        self._enter()

    def hear(self, event: int, line: str) -> None:
        """Take one line of the node's, the transcript's event `event`."""
        if self.is_clear:
            return
        try:
            message = parse(line)
        except NotAMessage as error:
            self.junk = event, error
            return
        heard = Heard(event, message)
        self.heard.append(heard)
        if "in_reply_to" not in message["body"] and not self.given_up:
            self.asked[freeze(message["body"].get("msg_id"))] = heard
        if self.init_ok is None and message["body"].get("type") == "init_ok":
            self.init_ok = heard
        self._note_early(heard)
        self._place(heard)
        self._finish_groups()

    def open(self) -> Iterator[Pattern]:
        """What is still expected, the group that is due first, then the later ones."""
        for group in self._groups_ahead():
            yield from group.open()

    def awaited(self) -> list[Pattern]:
        """What the group that is due still waits for."""
        return self.stage.open() if isinstance(self.stage, Group) else []

    @property
    def is_blocked(self) -> bool:
        """Whether the node waits for a peer, and something else than its giving up is due meanwhile."""
        return bool(self.asked) and not all(pattern.expects_timeout for pattern in self.awaited())

    def _groups_ahead(self) -> Iterator[Group]:
        for stage in self.stages[self.at :]:
            if isinstance(stage, Group):
                if not stage.ready:
                    stage.prepare(self.bindings)
                yield stage

    def _place(self, heard: Heard) -> None:
        for group in self._groups_ahead():
            if group.take(heard):
                if group is not self.stage:
                    self.kept.append(heard)
                return
        if not self._fits_optional(heard):
            self.stray = heard

    def _fits_optional(self, heard: Heard) -> bool:
        for place, template in enumerate(self.optional):
            pattern = compile_pattern(
                template,
                self.bindings,
                self.case.match,
                "ignored" if self.case.msg_ids == "ignored" else "compared",
            )
            if pattern.fits(heard.message):
                del self.optional[place]
                heard.answers, heard.is_optional = pattern, True
                return True
        return False

    def _note_early(self, heard: Heard) -> None:
        body = heard.message["body"]
        if body.get("type") != "error" or "in_reply_to" not in body or error_code(body) != 0:
            return
        if self.given_up or any(isinstance(stage, Group) and stage.is_burst for stage in self.stages):
            return  # with so many open, anybody may be late
        awaited = tuple(
            pattern
            for pattern in self.awaited()
            if not pattern.expects_timeout and not answers_same(pattern, heard.message)
        )
        if awaited:
            self.early = Early(heard, awaited)

    def _finish_groups(self) -> None:
        while isinstance(self.stage, Group) and self.stage.is_complete:
            group = self.stage
            bound = [
                pair
                for place, pattern in enumerate(group.patterns)
                for pair in pattern.bound_by(group.answers[place].message)
            ]
            if bound:
                self.bindings = {**self.bindings, **dict(bound)}
                self._rebind()
            self.go_on()

    def _rebind(self) -> None:
        """Names have been bound: look again whether what was kept fits the groups that use them."""
        later = [stage for stage in self.stages[self.at + 1 :] if isinstance(stage, Group) and stage.ready]
        if not any(group.waits_for_names for group in later):
            return
        for group in later:
            group.prepare(self.bindings)
        for heard in self.kept:
            heard.answers = None
            if not any(group.take(heard) for group in later) and not self._fits_optional(heard):
                self.stray = self.stray or heard

    def _enter(self) -> None:
        stage = self.stage
        if isinstance(stage, Group):
            if not stage.ready:
                stage.prepare(self.bindings)
            due = set(stage.answers.values())
            self.kept = [heard for heard in self.kept if heard not in due]
            self._finish_groups()


class Player(Protocol):
    """Who speaks for the grader: to a process, to a run of the explorer, or only on paper."""

    def may_go_on(self) -> bool:
        """Whether the next step is to be taken."""

    def send(self, text: str) -> None:
        """One write."""

    def end_input(self) -> None:
        """The end of input."""


def advance(script: Script, player: Player) -> Group | Silence | None:
    """Take the steps that need no waiting. Returns what is to be waited for now; None at the end."""
    while player.may_go_on() and (stage := script.stage) is not None:
        if isinstance(stage, Group | Silence):
            return stage
        if isinstance(stage, Close):
            player.end_input()
            script.go_on()
        else:
            player.send(script.say())
    return None


def answers_same(pattern: Pattern, message: Message) -> bool:
    """Whether `message` names the same request as the reply that `pattern` expects."""
    known, body = pattern.known, message["body"]
    return same(known.get("dest"), message["dest"]) and same(
        pattern.body.get("in_reply_to"), body.get("in_reply_to")
    )
