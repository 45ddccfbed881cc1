"""What is asked of the sandbox, and how much a node may use. Data only; it travels to the launcher as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Strength = Literal["off", "limits", "full"]
STRENGTHS: tuple[Strength, ...] = ("off", "limits", "full")
MIB = 1 << 20
THREADS = 10_000  # of all its processes; each holds kernel memory that counts as nobody's


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one run of a node may use; one run is one case. Bytes but for `processes`."""

    memory: int = 512 * MIB
    processes: int = 64
    files: int = 64 * MIB  # written, all in all, and the most that one file may hold
    line: int = 8 * MIB  # of stdout
    output: int = 64 * MIB  # of stdout, and again of stderr

    def beyond(self, stream: Literal["out", "err"], total: int, unended: int = 0) -> str:
        """Which limit a node has passed that wrote so much, `unended` without a newline; empty if none."""
        if stream == "out" and unended > self.line:
            return f"output: a line of more than {self.line / MIB:g} MiB"
        if total > self.output:
            return f"{'output' if stream == 'out' else 'stderr'}: more than {self.output / MIB:g} MiB"
        return ""


@dataclass(frozen=True, slots=True)
class Reach:
    """What a node in `full` may touch: what to read and to run, folders that are only listed, its own to write.

    All else is closed to it.
    """

    readable: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds for a node. `reach` is that of `full`; the others reach what their user does."""

    strength: Strength = "limits"
    limits: Limits = field(default_factory=Limits)
    reach: Reach | None = None
    home: str = ""  # where its private folders are made, if not where everybody's are

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def from_json(data: Mapping[str, Any]) -> Policy:
    """The policy that `as_json` made this of."""
    reach = data["reach"]
    return Policy(
        data["strength"],
        Limits(**data["limits"]),
        Reach(**{name: tuple(paths) for name, paths in reach.items()}) if reach else None,
        data["home"],
    )


UNLIMITED = Policy("off")
LIMITED = Policy("limits")


@dataclass(frozen=True, slots=True)
class Used:
    """What a run has used: the memory of all its processes at once, at most, and the processor's time."""

    memory: int = 0
    cpu_s: float = 0.0


def in_force(strength: Strength, lacks: Sequence[str]) -> str:
    """The strength of a sandbox, and what it lacks on this system."""
    return f"{strength}, without {'; without '.join(lacks)}" if lacks else strength
