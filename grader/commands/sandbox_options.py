"""The options that say how far a node is trusted, and how much it may use: light, as `--help` needs them."""

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.sandbox.policy import Limits

STRENGTHS = ("off", "limits", "full")
_MIB = 1 << 20
SIZES = {  # options in MiB, by the limit's name: the default, and what it is the limit of
    "memory": (512, "of memory"),
    "files": (64, "written to files"),
    "line": (8, "in a line of stdout"),
    "output": (64, "of output a case"),
}
PROCESSES = 64


def add_sandbox_options(option: Callable[..., Any], default: str) -> None:
    """`--sandbox`, and an option for each limit."""
    option(
        "--sandbox",
        choices=STRENGTHS,
        default=default,
        help=f"limits: what a node may use is limited; full: it reaches nothing but its own, too ({default})",
    )
    for name, (usual, what) in SIZES.items():
        option(f"--max-{name}", type=_mib, metavar="MIB", help=f"MiB {what} (default {usual})")
    option("--max-processes", type=_processes, metavar="N", help=f"at once (default {PROCESSES})")


def limits_of(args: argparse.Namespace) -> "Limits":
    """The limits that were asked for."""
    from grader.sandbox.policy import Limits

    given = {name: getattr(args, f"max_{name}") for name in SIZES}
    asked = {name: value for name, value in given.items() if value is not None}
    if args.max_processes is not None:
        asked["processes"] = args.max_processes
    return Limits(**asked)


def given(args: argparse.Namespace, default: str) -> list[str]:
    """Those of these options that were given: the command that runs a case again needs them, too."""
    words = ["--sandbox", args.sandbox] if args.sandbox != default else []
    for name in SIZES:
        if (value := getattr(args, f"max_{name}")) is not None:
            words += [f"--max-{name}", f"{value / _MIB:g}"]
    return words + (["--max-processes", str(args.max_processes)] if args.max_processes is not None else [])


def _mib(text: str) -> int:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.0625 <= value <= 1 << 20:
        raise argparse.ArgumentTypeError("expected a number of MiB, at least 0.0625")
    return int(value * _MIB)


def _processes(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= 10_000):
        raise argparse.ArgumentTypeError("expected a whole number from 1 to 10000")
    return int(text)
