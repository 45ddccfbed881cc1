"""How long a node is waited for: whether it is at rest, for good even, and for how long it or we got no core.

Of everything that only Linux tells, nothing is claimed elsewhere: there a node is waited for to the end.
"""

import time
from collections.abc import Callable, Iterable
from enum import Enum

from grader.conversation import at_rest
from grader.conversation.node_process import NodeProcess

FIRST_LOOK_S = 0.03  # after the last line: a node that answers at once is never looked at
LAST_LOOK_S = 0.5  # between two looks, at most
BUSY_S = 0.3  # so long without a line, and it leaves its place even if it computes
LOOK_MS = 400  # of silence, after which a Python node says where it stands: before it gives up on a peer
LOOKED_MS = 500  # for it to say so
HURRIED_MS = 1_500  # of silence of a node that computes, where the case needn't have all of its time
HURRIED_FLUSH_MS = 500  # after that, with its input at an end, for what it held back
HURRIED_BURST_MS = 4_000  # for a burst, in all: there it isn't silence that takes long
STACKS_MS = 2_000  # for a Python node to write where its threads stand
STDERR_MS = 1_000  # after an exit, for the rest of what it wrote there
HELD_UP_S = 0.5  # so long without a core, and a machine is busy
MOVING_S = 1.0  # so long after its last line, and the exchange with a node still goes on
IDLE = 0.02  # of one core: a runtime's own housekeeping is no work


class Shown(Enum):
    """What a look at a node has shown."""

    MOVES = "moves"
    RESTS = "rests"  # it waits: for its input, or until a time
    COMPUTES = "computes"  # and has written nothing for a while
    OVER = "over"  # it waits for its input, or for ever: nothing will be written before something is sent


class Patience:
    """Looks at one node while it is silent. `delay` is added to its time limits: for so long it got no core, or
    those who talk to it got none, whose threads `ours` tells.
    """

    def __init__(
        self,
        process: NodeProcess,
        is_drained: Callable[[], bool],
        limit: float,
        ours: Callable[[], Iterable[int]] = tuple,
    ) -> None:
        self.process, self.is_drained, self.limit, self.ours = process, is_drained, limit, ours
        self.delay = 0.0
        self.counted, self.counted_at = at_rest.Standing(), time.monotonic()
        self.we_waited = at_rest.waited(ours())
        self.before: at_rest.Standing | None = None
        self.before_at = self.since = 0.0
        self.interval = self.next = 0.0
        self.heard()

    def heard(self) -> None:
        """A line was read or sent: the node may compute again, so start over."""
        self.since = time.monotonic()
        self.before = None
        self.interval = FIRST_LOOK_S
        self.next = self.since + self.interval

    def look(self, all_is_written: Callable[[], bool]) -> Shown:
        """How it stands, compared with the look before."""
        written = all_is_written()  # before the look: what it wakes is seen there
        pids = self.process.pids()
        now, standing = time.monotonic(), at_rest.look(pids)
        before, before_at = self.before, self.before_at
        self.before, self.before_at = standing, now
        self.next = now + self.interval
        if standing is None or before is None:
            return Shown.MOVES
        self.interval = min(2 * self.interval, LAST_LOOK_S)
        if standing.is_still(before):
            if (
                written
                and at_rest.waits_for_ever(standing, self.process.ended_input)
                and self.process.pids() == pids
                and self.is_drained()
            ):
                return Shown.OVER
            return Shown.RESTS
        if standing.ran_since(before) < IDLE * (now - before_at):
            return Shown.RESTS
        return Shown.COMPUTES if now - self.since > BUSY_S else Shown.MOVES

    def count(self) -> None:
        """Add to `delay` the time since the last count in which the node, or we, could run and got no core."""
        standing = at_rest.look(self.process.pids())
        we_waited, now = at_rest.waited(self.ours()), time.monotonic()
        if standing is None:
            return
        free = max(now - self.counted_at - standing.ran_since(self.counted), 0.0)
        ready = standing.ready_since(self.counted) + max(we_waited - self.we_waited, 0.0)
        self.delay = min(self.delay + min(ready, free), self.limit)
        self.counted, self.counted_at, self.we_waited = standing, now, we_waited
