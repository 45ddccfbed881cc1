"""Happens-before in one run: the workers' vector clocks, the hashes of their histories, and the shared data.

Scheduling is not done here. The stand-ins for threads, queues and loops report here what became ordered.
"""

from collections.abc import Callable, Hashable
from weakref import ref

from grader.explorer.runtime.sleep_sets import Sleepers
from grader.explorer.runtime.vector_clocks import Clock, Datum, Sync, join, mix
from grader.explorer.runtime.worker import Key, Places, Store, Worker


class _Whole:
    """The key that overlaps with every key of a container."""

    def __repr__(self) -> str:
        return "WHOLE"


WHOLE = _Whole()
ENDED_SITE = -2  # of all ends of objects


class _Lives:
    """Stands for which of the objects that the node holds weakly are still there."""


class Knowledge:
    """The happens-before relation of one run, as far as it has come. `current` is the running worker."""

    def __init__(self, main: Worker, places: Places) -> None:
        self.workers = [main]  # by number
        self.by_path = [main]
        self.current = main
        self.places = places
        self.learnt = Places()
        # By the id of the owner, which is kept alive, so that no other object gets its id; not so if the node
        # can tell when an object dies: then it `lets_go`.
        self.data: dict[int, tuple[object, dict[Hashable, Datum]]] = {}
        self.lets_go = False
        self.lives = _Lives()
        self.held_weakly: dict[int, ref[object]] = {}  # by id: they tell us when they end
        self.data_count = 0
        self.made = 0  # locks
        self.stores: list[Store] = []
        self.sleepers = Sleepers()

    # Messages and meeting points.

    def use(self, sync: Sync, key: Key) -> bool:
        """The current worker uses this. True if it is known to be shared: then a scheduling point is needed."""
        sync.users.add(self.current.number)
        if len(sync.users) > 1:
            if key in self.places.shared:
                return True
            self.learnt.shared.add(key)
        return key in self.places.shared

    def is_shared(self, key: Key) -> bool:
        """Whether more than one worker is known to use this."""
        return key in self.places.shared

    def learn(self, key: Key) -> None:
        """This will be known as shared from the next run on."""
        if key not in self.places.shared:
            self.learnt.shared.add(key)

    def hold(self, store: "Store") -> int:
        """The contents of this are part of the state from now on; a mark that tells it from others."""
        self.stores.append(store)
        self.note_seen("made")
        return self.current.seen

    def meet(self, sync: Sync, what: Hashable) -> None:
        """Acquire and release: happens-before edges both ways between the current worker and `sync`."""
        worker = self.current
        self.sleepers.touch(sync)
        join(worker.clock, sync.clock)
        sync.clock = dict(worker.clock)
        worker.tick()
        worker.seen = sync.seen = mix(what, worker.seen, sync.seen)

    def leave(self, sync: Sync, what: Hashable) -> None:
        """Release: an edge from the current worker to `sync`, and none back."""
        worker = self.current
        self.sleepers.touch(sync)
        join(sync.clock, worker.clock)
        worker.tick()
        worker.seen = sync.seen = mix(what, worker.seen, sync.seen)

    def order(self, sync: Sync, what: Hashable) -> None:
        """A dependent operation on `sync` that adds no happens-before edge: its order matters all the same."""
        worker = self.current
        self.sleepers.touch(sync)
        worker.seen = sync.seen = mix(what, worker.seen, sync.seen)

    def observe(self, sync: Sync, what: Hashable) -> None:
        """The current worker reads the state of `sync`, and does not change it."""
        worker = self.current
        self.sleepers.touch(sync, writes=False)
        worker.seen = mix(what, worker.seen, sync.seen)

    def note_seen(self, *what: Hashable) -> None:
        """Part of the current worker's own history, independent of what others do."""
        self.current.seen = mix(*what, self.current.seen)

    def serial(self) -> int:
        """A number for the next lock."""
        self.made += 1
        return self.made

    def hear(self, clock: Clock, seen: Hashable) -> None:
        """Acquire: the current worker has received a message that was sent with this clock."""
        worker = self.current
        join(worker.clock, clock)
        worker.tick()
        worker.seen = mix("heard", worker.seen, seen)

    def tell(self) -> tuple[Clock, int]:
        """Release: the current worker's clock and history, to travel with a message."""
        clock = dict(self.current.clock)
        self.current.tick()
        return clock, self.current.seen

    # Data.

    def touch(self, owner: object, name: Hashable, site: int, *, reads: bool, writes: bool) -> Datum:
        """The current worker accesses `name` of `owner`; `WHOLE` overlaps with every name."""
        worker = self.current
        number = worker.number
        entry = self.data.get(id(owner))
        if entry is None:
            entry = self._known_from_now(owner)
        known = entry[1]
        datum = known.get(name)
        if datum is None:
            datum = known[name] = Datum(self.data_count)
            self.data_count += 1
        sleepers = self.sleepers
        if sleepers.watches or sleepers.touched:
            # What a container holds overlaps with what it holds under one key: there it counts as one.
            sleepers.touch(owner, name if isinstance(name, str) else "", writes=writes)
        races = datum.touch(number, worker.clock, worker.locks, site, reads=reads, writes=writes)
        around: Hashable = 0
        if name is WHOLE:
            if len(known) > 1:
                around = tuple(d.history for d in known.values() if d is not datum)
                for other in known.values():
                    if other is not datum and other.only != number:
                        races |= self._overlaps(other, datum, site, reads, writes)
        elif WHOLE in known:
            whole = known[WHOLE]
            around = whole.history
            if whole.only != number:
                races |= self._overlaps(whole, datum, site, reads, writes)
        if races and not datum.sites <= self.places.racy:  # one of them known is not all of them known
            self.learnt.racy |= datum.sites
        worker.seen = hash((site, worker.seen, datum.history, around))
        if writes:
            datum.history = worker.seen
        return datum

    def _known_from_now(self, owner: object) -> tuple[object, dict[Hashable, Datum]]:
        """An entry for the data of this owner."""
        number, kept = id(owner), owner
        if self.lets_go:
            try:
                kept = ref(owner, lambda _: self.data.pop(number, None))
            except TypeError:  # a list, say: what comes later in its place counts as the same
                kept = None
        entry = self.data[number] = kept, {}
        return entry

    # Objects that end.

    def hold_weakly(self, thing: object, then: Callable[[], object]) -> None:
        """The node holds this weakly from now on: that it ends changes what others see, though no line says so.

        `then` is called once it has ended.
        """
        number = id(thing)

        def has_ended(_: object) -> None:
            if self.held_weakly.pop(number, None) is not None:
                self.touch(self.lives, "ended", ENDED_SITE, reads=False, writes=True)
                then()

        if number not in self.held_weakly:
            self.held_weakly[number] = ref(thing, has_ended)

    def look_whether_it_lives(self, site: int) -> None:
        """The current worker looks at something by a weak reference: what has ended is no more there."""
        self.touch(self.lives, "ended", site, reads=True, writes=False)

    def _overlaps(self, other: Datum, datum: Datum, site: int, reads: bool, writes: bool) -> bool:
        worker = self.current
        races = other.touch(worker.number, worker.clock, worker.locks, site, reads=reads, writes=writes)
        if races and not other.sites | datum.sites <= self.places.racy:
            self.learnt.racy |= other.sites | datum.sites
        return races

    # Hashes.

    def contents(self) -> int:
        """A hash of all workers' histories and of the contents of all stores."""
        total = 0
        for store in self.stores:
            total += store.contents()
        for state in self.states():
            total += state
        return total

    def states(self) -> list[int]:
        """A hash of what each worker has seen and waits for, by its number."""
        return [
            hash(
                (
                    worker.seen,
                    worker.steps,
                    worker.state == "ended",
                    worker.timed_out,
                    None if worker.deadline is None else round(worker.deadline, 3),
                )
            )
            for worker in self.workers
        ]

    def history(self) -> int:
        """A hash of all workers' histories, the same for all orders of independent steps."""
        return sum([mix(worker.seen) for worker in self.workers])
