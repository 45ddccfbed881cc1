"""A stream whose reader may go away: a grading goes on without it, and its other reports are still written."""

import os
from contextlib import suppress
from typing import IO, Any


class Lasting:
    """Writes to `stream` until that fails; `error` then says why, and all that follows is dropped."""

    def __init__(self, stream: IO[str]) -> None:
        self.stream = stream
        self.error: OSError | None = None

    def write(self, text: str) -> int:
        try:
            self.stream.write(text)
        except OSError as error:
            self._lose(error)
        return len(text)

    def flush(self) -> None:
        try:
            self.stream.flush()
        except OSError as error:
            self._lose(error)

    def _lose(self, error: OSError) -> None:
        self.error = self.error or error
        with suppress(OSError):  # what is still in the buffer goes nowhere, now and when the interpreter ends
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.stream.fileno())
            os.close(nowhere)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)
