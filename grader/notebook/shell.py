"""A command of the kit, run from a cell as a terminal would run it."""

import os
import shlex
import subprocess
import sys

COLUMNS = 80
COLOUR = ("FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE", "TTY_INTERACTIVE")  # a kernel sets some of them


def command(line: str) -> None:
    """Run `grader …` in a process of its own, in this folder, and print what it prints.

    The kernel's own Python runs it, so that it is found even where the shell would not find it.
    """
    program, *words = shlex.split(line)
    if program != "grader":
        raise ValueError(f"expected a command that begins with grader, not {program}")
    env = {name: value for name, value in os.environ.items() if name not in COLOUR}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "grader", *words],
        env={**env, "COLUMNS": str(COLUMNS), "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    print(f"$ {line}\n{done.stdout}", end="")
