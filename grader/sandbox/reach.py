"""What a node in `full` may read: the system's programs and libraries, its interpreter, and its own folder.

Not the grader's cases and expected values, wherever it is installed; not the references; nobody's home.
"""

import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from glob import glob
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

from grader.sandbox.policy import Reach

OUR_FOLDER = Path(__file__).resolve().parents[1]
INJECTED = OUR_FOLDER / "conversation" / "injected"

SYSTEM = [
    "/usr",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/bin",
    "/sbin",
    "/opt",
    "/nix/store",
    "/gnu/store",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/timezone",
    "/etc/locale.alias",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/etc/group",
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/protocols",
    "/etc/services",
    "/etc/alternatives",
    "/etc/ssl/openssl.cnf",
    "/etc/ssl/certs",
    "/etc/mime.types",
    "/etc/os-release",
    "/etc/java",
    "/proc",
    "/sys/devices/system/cpu",
    "/sys/devices/system/node",
    "/sys/fs/cgroup",
    "/sys/kernel/mm/transparent_hugepage",
]
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
INSTALLED = ("bin", "lib", "lib64", "libexec", "share", "include", "jre", "pyvenv.cfg")  # below a prefix


# Settings of languages, in folders that have their version in the name.
SETTINGS = (
    "/etc/java*",
    "/etc/jvm*",
    "/etc/perl",
    "/etc/python*",
    "/etc/ruby*",
    "/etc/node*",
    "/etc/mono",
    "/etc/fonts",
)


def of_node(command: Sequence[str], own: str) -> Reach:
    """What a node that this command starts may touch; `own` is the folder that it may write in."""
    readable, listed = _without(
        [*SYSTEM, *chain.from_iterable(map(glob, SETTINGS)), *_programs(command), str(INJECTED)],
        [p for p in (OUR_FOLDER, *_references()) if p != INJECTED],
    )
    return Reach((*readable, str(INJECTED)), listed, (own,), DEVICES)


def of_explorer(reach: Reach, packages: Iterable[str]) -> Reach:
    """The same, for the process that explores it: our own programs, too, but none of the cases."""
    readable, listed = _without([str(OUR_FOLDER)], [OUR_FOLDER / "cases" / "suites"])
    lent = [Path(spec.origin).parent for spec in map(find_spec, packages) if spec and spec.origin]
    shelves = {str(path.parent) for path in (OUR_FOLDER, *lent)}
    return Reach(
        (*reach.readable, *readable, *map(str, lent)),
        (*reach.listed, *listed, *sorted(shelves)),
        reach.writable,
        DEVICES,
    )


def _references() -> list[Path]:
    with suppress(ImportError, ValueError):
        spec = find_spec("reference")
        if spec is not None:
            return [Path(folder).resolve() for folder in spec.submodule_search_locations or ()]
    return []


def _programs(command: Sequence[str]) -> Iterable[str]:
    """The command's program with what was installed with it, and the files that the command names."""
    for word in command:
        if os.path.isabs(word) and os.path.isfile(word):
            yield word
    for program in dict.fromkeys((command[0], os.path.realpath(command[0]), *_of_this_python(command[0]))):
        prefix = Path(program).parent.parent
        if Path(program).parent.name in ("bin", "sbin") and prefix != Path("/"):
            yield from (str(prefix / name) for name in INSTALLED)


def _of_this_python(program: str) -> Iterable[str]:
    """Where a virtual environment has its library from."""
    if os.path.realpath(program) == os.path.realpath(sys.executable):
        yield os.path.join(sys.base_prefix, "bin", "python")


def _without(paths: Iterable[str], closed: Sequence[Path]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What may be read of these paths, and which folders are only listed, so that what is closed stays so."""
    readable: list[str] = []
    listed: list[str] = []
    todo = [Path(path) for path in dict.fromkeys(paths) if os.path.lexists(path)]
    for path in todo:  # grows while it is walked
        real = path.resolve()
        if any(real == one or one in real.parents for one in closed):
            continue
        if any(real in one.parents for one in closed):
            listed.append(str(path))
            with suppress(OSError):
                todo += [child for child in path.iterdir() if not child.is_symlink() or child.exists()]
            continue
        readable.append(str(path))
    return tuple(readable), tuple(listed)
