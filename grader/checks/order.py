"""Order: where the case asks for one, the replies of a group came in it."""

from collections.abc import Hashable, Iterator

from grader.checks.findings import Finding
from grader.checks.observation import Reading
from grader.conversation.script import Group, Heard
from grader.protocol.json_values import freeze
from grader.protocol.messages import name, sentence


def check(reading: Reading) -> Iterator[Finding]:
    """`wrong-order`, for the first message that came before one that was due earlier."""
    order = reading.case.order
    if order == "any":
        return
    early = [
        found
        for group in reading.script.stages
        if isinstance(group, Group)
        for lane in _lanes(group, order == "per_client")
        if (found := _first_early(lane))
    ]
    if not early:
        return
    came, due = min(early, key=lambda pair: pair[0].event)
    # "All replies right" is what makes it an order: where something is missing, too, that follows.
    text = f"{sentence(name(came.message))} came before {name(due.message)}, which was due first."
    yield Finding(
        "wrong-order",
        text,
        came.event,
        (came.event, due.event),
        name(due.message),
        name(came.message),
    )


def _lanes(group: Group, per_client: bool) -> list[list[Heard]]:
    """What came, as listed; a lane a client, or one for all."""
    listed = [group.answers[place] for place in sorted(group.answers)]
    if not per_client:
        return [listed]
    lanes: dict[Hashable, list[Heard]] = {}
    for heard in listed:
        lanes.setdefault(freeze(heard.message["dest"]), []).append(heard)
    return list(lanes.values())


def _first_early(listed: list[Heard]) -> tuple[Heard, Heard] | None:
    """The first message that is not the one due at its place, and the one that is."""
    came = sorted(listed, key=lambda heard: heard.event)
    for due, heard in zip(listed, came, strict=True):
        if due is not heard:
            return heard, due
    return None
