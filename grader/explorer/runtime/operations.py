"""What a worker may do, in one word each: the vocabulary of a recorded run."""

from typing import Literal

# start, end: of a worker (start: who started it, in `value`); read, write: a datum of the node's (a call
# that changes it, append or pop, is a write); acquire, release: a lock or semaphore (try: it was not free, and
# nobody waited); wait, wake: waiting for an event, a condition, a thread, and making others go on (clear: not
# any more); put, get: a queue; sleep: by the clock; in, out: a line read or written; eof: end of input read;
# fire: a timeout ran out; await: a task gives way; free: an object has ended that the node holds weakly.
Op = Literal[
    "start", "end", "read", "write", "acquire", "try", "release", "wait", "wake", "clear",
    "put", "get", "sleep", "in", "out", "eof", "fire", "await", "free",
]  # fmt: skip
