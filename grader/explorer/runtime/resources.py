"""What workers use and wait for, by kind. Each primitive says which it is; nobody reads it from a name."""

from enum import StrEnum


class Resource(StrEnum):
    """The kind of thing that a worker uses or waits for."""

    LOCK = "lock"
    CONDITION = "condition"
    EVENT = "event"
    SEMAPHORE = "semaphore"
    QUEUE = "queue"
    FUTURE = "future"
    FUTURES = "futures"  # several at once: `wait`, `as_completed`
    POOL = "pool"
    THREAD = "thread"  # its end
    CLOCK = "clock"
    INPUT = "input"
    STDOUT = "stdout"
    LOOP = "event loop"
    GENERATOR = "generator"
    STREAM = "stream"  # the variable of `sys` that names one
    WEAK = "weak reference"  # also what holds many
    AWAITABLE = "awaitable"  # what a task awaits, where no more is known of it
