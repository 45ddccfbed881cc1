"""Letters: how the explorer's processes tell one another something, through a pipe: a length, then a pickle."""

import pickle
import struct
from collections.abc import Iterator


def letter(message: object) -> bytes:
    """The message, as it goes into a pipe."""
    data = pickle.dumps(message, -1)
    return struct.pack("I", len(data)) + data


class Letters:
    """Puts letters together from the pieces in which a pipe gives them."""

    def __init__(self) -> None:
        self.data = b""

    def feed(self, chunk: bytes) -> Iterator[object]:
        """The messages that are whole with this chunk."""
        self.data += chunk
        while len(self.data) >= 4 and len(self.data) >= (end := 4 + struct.unpack_from("I", self.data)[0]):
            message = pickle.loads(self.data[4:end])
            self.data = self.data[end:]
            yield message
