"""Framing of the messages between the explorer's processes, through a pipe: a length, then the data.

Numbers, texts and tuples go by `marshal`: what a run tells is so told with a quarter of the memory touched that
a pickle would touch, and each page that a fork touches is copied.
"""

import marshal
import pickle
from collections.abc import Iterator
from typing import Any

_PLAIN, _PICKLED = b"m", b"p"


def letter(message: Any) -> bytes:
    """The message, as it goes into a pipe."""
    try:
        data = _PLAIN + marshal.dumps(message)
    except ValueError:  # there is an object in it
        data = _PICKLED + pickle.dumps(message, -1)
    return len(data).to_bytes(4, "little") + data


class Letters:
    """Puts letters together from the pieces in which a pipe gives them."""

    def __init__(self) -> None:
        self.data = b""

    def feed(self, chunk: bytes) -> Iterator[object]:
        """The messages that are whole with this chunk."""
        self.data += chunk
        while len(self.data) >= 4 and len(self.data) >= (end := 4 + int.from_bytes(self.data[:4], "little")):
            is_plain, data = self.data[4:5] == _PLAIN, self.data[5:end]
            self.data = self.data[end:]
            yield marshal.loads(data) if is_plain else pickle.loads(data)
