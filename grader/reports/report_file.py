"""Files for reports: opened before anything runs, so that no grade is lost to a bad path, and named at the end.

Until then a new file stands beside it, empty. It is written once all nodes have ended, if it is still the same.
What had the name before is left alone if nothing comes of it.
"""

import os
import stat
import sys
import tempfile
from contextlib import suppress
from typing import IO


class CantWrite(Exception):
    """The file can't be written; the text says which, and why."""


class ReportFile:
    """Where one report goes: a file, or - for stdout. Raises CantWrite, now or when it is written."""

    def __init__(self, option: str, name: str) -> None:
        self.option, self.name = option, name
        self.target = os.path.realpath(name)  # a link goes on leading to the report
        self.new = ""  # the file that takes the name at the end
        self.stream = self._stdout() if name == "-" else self._opened()

    @property
    def is_stdout(self) -> bool:
        return self.stream is sys.stdout

    def write(self, text: str) -> None:
        """Write the whole report, and give the file its name."""
        try:
            if self.new:
                self._take_back()
            self.stream.write(text)
            self.stream.flush()
            if not self.is_stdout:
                self.stream.close()
            if self.new:
                os.replace(self.new, self.target)
                self.new = ""
        except OSError as error:
            raise self._cant(error) from None
        finally:
            self.close()

    def _take_back(self) -> None:
        """A node that may write in this folder may have put another file in its place, or something into it."""
        number = self.stream.fileno()
        try:
            is_ours = os.path.samestat(os.fstat(number), os.lstat(self.new))
        except OSError:
            is_ours = False
        if is_ours:
            os.ftruncate(number, 0)
        else:
            self.close()
            self.stream = self._opened()

    def close(self) -> None:
        """Leave nothing behind of what was not written."""
        if not self.is_stdout:
            with suppress(OSError):  # what could not be written is tried once more
                self.stream.close()
        if self.new:
            with suppress(OSError):
                os.unlink(self.new)
            self.new = ""

    def _opened(self) -> IO[str]:
        try:
            if os.path.lexists(self.name) and not stat.S_ISREG(os.stat(self.name).st_mode):
                return open(self.name, "w", encoding="utf-8", errors="backslashreplace")  # a device, a pipe
            if os.path.exists(self.name) and not os.access(self.name, os.W_OK):
                raise PermissionError(13, "Permission denied")
            folder, base = os.path.split(self.target)
            number, self.new = tempfile.mkstemp(prefix=f".{base}.", dir=folder)
            with suppress(OSError):
                os.chmod(
                    self.new,
                    stat.S_IMODE(os.stat(self.name).st_mode) if os.path.exists(self.name) else _usual(),
                )
            return open(number, "w", encoding="utf-8", errors="backslashreplace")  # half a surrogate pair, say
        except OSError as error:
            raise self._cant(error) from None

    def _stdout(self) -> IO[str]:
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(encoding="utf-8")  # reports are, whatever the terminal takes
        return sys.stdout

    def _cant(self, error: OSError) -> CantWrite:
        return CantWrite(f"{self.option} {self.name}: can't be written: {error.strerror}")


def _usual() -> int:
    """The mode of a file that anybody makes here."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
