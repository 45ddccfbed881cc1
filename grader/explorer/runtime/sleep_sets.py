"""Sleep sets (Godefroid 1996), for a search that bounds preemptions.

At a choice the branches are tried in turn, and each is watched: what does the chosen worker access in its
step? In the branches that come after, this worker sleeps until another accesses the same, and one of both
writes. A schedule in which it went on before that is equivalent to one explored in an earlier sibling, where
the same steps come right at the choice.

No schedule with few enough preemptions is lost. A switch where a worker blocks or ends is free, at the choice
as later: therefore a watched step reaches up to the next free switch. Where the worker was running already,
and the other branches are preemptions, it reaches up to the next scheduling point: it may be preempted there
instead. So each schedule that is left out is equivalent to one of an earlier branch, with no more
preemptions; that one may be left out, too, but not for ever, since branches are tried in a fixed order.
"""

import marshal
from collections.abc import Sequence

Mark = tuple[int, str]  # a thing by its id, and what of it: the same in the process that tries another way
Touched = dict[Mark, bool]  # whether it was changed, or only looked at
MOST = 32  # workers of which it can be kept with a state whether they sleep


class Watch:
    """The accesses of one worker from a choice up to its next scheduling point, or to the next free switch."""

    __slots__ = ("is_over", "is_spoilt", "to_next_point", "touched")

    def __init__(self, *, to_next_point: bool) -> None:
        self.touched: Touched = {}
        self.to_next_point = to_next_point
        self.is_over = False
        self.is_spoilt = False  # it touched what is not known

    def note(self) -> bytes:
        """What it has seen, for another process; empty if it didn't come to its end."""
        if not self.is_over or self.is_spoilt:
            return b""
        return marshal.dumps((self.to_next_point, self.touched))


class Sleepers:
    """The workers that sleep in one run, and what is watched there."""

    def __init__(self) -> None:
        self.touched: dict[int, Touched] = {}  # by the number of the sleeper: what wakes it
        self.short: set[int] = set()  # sleepers that were watched to their next point only
        self.watches: list[Watch] = []  # all of the current worker

    def __contains__(self, worker: int) -> bool:
        return worker in self.touched

    def watch(self, *, to_next_point: bool) -> Watch:
        """From here on, watch the worker that has its turn."""
        watch = Watch(to_next_point=to_next_point)
        self.watches.append(watch)
        return watch

    def turn(self, worker: int, note: bytes) -> None:
        """The next branch of a choice begins: the worker of the one before sleeps, if its steps are known."""
        self.watches = []
        if note and worker >= 0:
            to_next_point, self.touched[worker] = marshal.loads(note)
            (self.short.add if to_next_point else self.short.discard)(worker)

    def as_bits(self, states: Sequence[int]) -> int:
        """Who sleeps, as a set of bits that is the same wherever the workers' states are: two for a sleeper.

        One stands for any sleep, the other for one up to the next point, which is deeper: fewer things end it.
        `states` are hashes of the workers' states, by number. In which order workers were made is no part of
        a state, so their bits are in the order of the hashes.
        """
        if not self.touched:
            return 0
        bits = 0
        for place, worker in enumerate(self._in_order(states)):
            if worker not in self.touched:
                continue
            if place >= MOST:
                del self.touched[worker]  # to be awake is always right
            else:
                bits |= (3 if worker in self.short else 1) << 2 * place
        return bits

    def keep(self, bits: int, states: Sequence[int]) -> None:
        """Wake all but these: who slept to its next point only, and now may sleep but less, is woken, too."""
        for place, worker in enumerate(self._in_order(states)):
            if worker in self.touched:
                mine = 3 if worker in self.short else 1
                if bits >> 2 * place & mine != mine:
                    del self.touched[worker]

    def _in_order(self, states: Sequence[int]) -> list[int]:
        """The workers by their states; of alike ones, those who sleep deepest first."""

        def key(worker: int) -> tuple[int, int]:
            return states[worker], (worker not in self.touched) + (worker not in self.short)

        return sorted(range(len(states)), key=key)

    def touch(self, thing: object, name: str = "", *, writes: bool = True) -> None:
        """The current worker touches this, or what it has under this name."""
        for watch in self.watches:
            mark = id(thing), name
            watch.touched[mark] = writes or watch.touched.get(mark, False)
        if self.touched:
            self.wake(thing, name, writes=writes)

    def touch_all(self) -> None:
        """The current worker does something that may depend on all that others do."""
        for watch in self.watches:
            watch.is_spoilt = True
        self.touched.clear()

    def wake(self, thing: object | None, name: str = "", *, writes: bool = True) -> None:
        """The current worker touches this, or begins to wait for it; None: for more than one thing.

        That it waits, and how long, is no part of what it does: where it would come later, and needn't wait
        any more, it goes on at the same place.
        """
        if thing is None:
            self.touched.clear()
        mark = id(thing), name
        for worker, touched in list(self.touched.items()):
            if mark in touched and (writes or touched[mark]):
                del self.touched[worker]

    def point(self, *, free: bool) -> None:
        """The current worker has come to a point; `free`: to switch here is no preemption."""
        for watch in self.watches:
            watch.is_over = watch.is_over or free or watch.to_next_point
        self.watches = [watch for watch in self.watches if not watch.is_over]
