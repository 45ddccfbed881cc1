"""Things that are made when they are first needed, and once."""
import threading


class Once:
    """A value from a factory. Whether it is there is first looked at without the lock, and again with it."""

    def __init__(self, factory):
        self._factory = factory
        self._lock = threading.Lock()
        self._made = False
        self._value = None

    def __call__(self):
        if not self._made:
            with self._lock:
                if not self._made:
                    self._value = self._factory()
                    self._made = True  # last: whoever sees it sees the value
        return self._value
