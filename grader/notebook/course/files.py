"""Files that cells write: nothing that somebody wrote is overwritten without a copy in the folder `kept`."""

from hashlib import sha256
from pathlib import Path

from grader.notebook.course.record import record

KEPT = "kept"


def put_file(file: str, text: str, *, is_given: bool = False, overwrites: bool | None = None) -> Path | None:
    """Write a file; where its copy went, if one was made.

    Who runs a cell again writes their own words anew, and wants no copy of each. One is made of what came from
    elsewhere, an editor say, and of what gives way to a text that is given (`is_given`): a stub, a beginning.
    Who knows better whether something of the learner's gives way says so by `overwrites`.
    """
    path = Path(file)
    before = path.read_text("utf-8", "replace") if path.is_file() else None
    if before == text:
        return None
    kept = None
    if before is not None and before.strip():
        known = record().last("wrote", file=file)
        is_ours = known is not None and known["digest"] == _digest(before)
        if overwrites is None:
            overwrites = is_given and not (known and known["given"])
        if overwrites or not is_ours:
            kept = keep(path.name, before)
    path.write_text(text, "utf-8")
    record().add("wrote", file=file, digest=_digest(text), given=is_given)
    return kept


def is_as_given(file: str) -> bool:
    """Whether a file is as the kit wrote it, and nobody has worked on it since."""
    known = record().last("wrote", file=file)
    path = Path(file)
    if known is None or not known["given"] or not path.is_file():
        return False
    return bool(known["digest"] == _digest(path.read_text("utf-8", "replace")))


def keep(name: str, text: str) -> Path:
    """Put this into the folder `kept`, under a name with the next number, unless it lies there already."""
    folder = Path(KEPT)
    folder.mkdir(exist_ok=True)
    stem, dot, ending = name.rpartition(".")
    number = 1
    while True:
        path = folder / f"{stem or name}-{number}{dot and dot + ending}"
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            if path.read_text("utf-8", "replace") == text:
                return path
            number += 1
        else:
            return path


def digest_of(file: str) -> str:
    """What tells whether a file has changed; nothing where it is not there."""
    path = Path(file)
    return _digest(path.read_text("utf-8", "replace")) if path.is_file() else ""


def told(kept: Path | None) -> str:
    """What is said of a copy."""
    return f" (what was there is in {kept.as_posix()})" if kept else ""


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]
