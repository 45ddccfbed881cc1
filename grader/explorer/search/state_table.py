"""The states that the runs of one tree have reached, in memory that all of its processes share.

A run is cut off where its state has been explored before: with as few preemptions, and with nobody asleep who
is awake now. For who was asleep there left out what an earlier sibling had covered, and only for that run: a
run that comes here by another way may have no such sibling (Godefroid 1996, state caching with sleep sets).
"""

import mmap
import os
from dataclasses import dataclass, field

SLOTS = 1 << 20
MOST_PREEMPTIONS = 3  # a tag has two bits for them
WORDS = 2  # of a slot: the state with its preemptions, and who was asleep


@dataclass(slots=True)
class Table:
    """States by key and preemptions, each with the set of workers that have been asleep in it at all visits.

    Behind the slots stand their count, and the process that goes on while the others wait (0: none has chosen
    yet).
    """

    memory: mmap.mmap = field(default_factory=lambda: mmap.mmap(-1, (SLOTS * WORDS + 2) * 8))
    words: memoryview = field(init=False)

    def __post_init__(self) -> None:
        self.words = memoryview(self.memory).cast("Q")

    def clear(self) -> None:
        if self.words[SLOTS * WORDS]:
            self.memory.seek(0)
            self.memory.write(bytes(SLOTS * WORDS * 8 + 8))
        self.words[SLOTS * WORDS + 1] = 0

    def visit(self, key: int, preemptions: int, asleep: int) -> int | None:
        """Come to this state; `asleep` is a set of bits. None if all that follows from here is covered.

        Else those who may sleep on: all of them, or, where the state was explored with others asleep, only
        those who slept then, too. What both visits together leave out is then what these few stand for.
        """
        words = self.words
        for fewer in range(preemptions + 1):
            place = self._find(key, fewer)
            if words[place] and not words[place + 1] & ~asleep:
                return None
        if words[place]:
            asleep &= words[place + 1]
        else:
            words[place] = _tag(key, preemptions)
            words[SLOTS * WORDS] += 1
        words[place + 1] = asleep
        return asleep

    def knows(self, key: int) -> bool:
        """Whether anybody has come to this state, with however many preemptions."""
        return any(self.words[self._find(key, preemptions)] for preemptions in range(MOST_PREEMPTIONS + 1))

    def _find(self, key: int, preemptions: int) -> int:
        """Where this is kept, or would be."""
        words, tag = self.words, _tag(key, preemptions)
        place = (key >> 5) % SLOTS
        while (entry := words[place * WORDS]) and entry != tag:
            place = (place + 1) % SLOTS
        return place * WORDS

    @property
    def count(self) -> int:
        """How many are in it."""
        return self.words[SLOTS * WORDS]

    @property
    def is_full(self) -> bool:
        return self.count > SLOTS * 3 // 4

    def i_go_on(self) -> None:
        self.words[SLOTS * WORDS + 1] = os.getpid()

    def who_goes_on(self) -> int:
        return self.words[SLOTS * WORDS + 1]


def _tag(key: int, preemptions: int) -> int:
    return (key & ~7) | 4 | preemptions
