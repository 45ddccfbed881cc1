"""The autograder for Gradescope: a zip with the kit, what sets it up, and what grades a submission."""

import shlex
import zipfile
from collections.abc import Sequence
from importlib.metadata import requires, version
from importlib.resources import files
from io import BytesIO
from pathlib import Path

from grader.cases.select import DEFAULT_SUITES
from grader.classes.job import Options

PROJECT = """\
[build-system]
requires = ["hatchling>=1.25"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "{version}"
requires-python = ">=3.11"
dependencies = [{dependencies}]

[project.scripts]
grader = "grader.cli:main"

[tool.hatch.build.targets.wheel]
packages = ["grader"]
"""
FOLDER = Path(__file__).with_name("gradescope")
NAME = "concurrent-message-kit"


def build(options: Options | None = None, entries: Sequence[str] = ()) -> bytes:
    """The zip. It grades as a class would be graded with these options; `entries` are files to start."""
    options = options or Options()
    own = options.own_suites
    given = shlex.join(_words(options))
    run = (FOLDER / "run_autograder").read_text("utf-8")
    needed = (word.replace('"', "'") for word in requires(NAME) or () if "extra ==" not in word)
    dependencies = ", ".join(f'"{word}"' for word in needed)
    project = PROJECT.format(name=NAME, version=version(NAME), dependencies=dependencies)
    parts: dict[str, bytes] = {
        "setup.sh": (FOLDER / "setup.sh").read_bytes(),
        "run_autograder": run.replace("ENTRIES", shlex.join(entries)).replace("OPTIONS", given).encode(),
        "kit/pyproject.toml": project.encode(),
        **{f"suites/{name}": text.encode() for name, text in own},
    }
    root = Path(str(files("grader")))
    for path in sorted(root.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            parts[f"kit/grader/{path.relative_to(root).as_posix()}"] = path.read_bytes()
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            info = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))  # the same contents make the same zip
            info.external_attr = (0o755 if name in ("setup.sh", "run_autograder") else 0o644) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return packed.getvalue()


def _words(options: Options) -> list[str]:
    """The options, in the words of `grader submit`."""
    suites = [*options.suites, *(f"../source/suites/{name}" for name, _ in options.own_suites)]
    words = ["--budget", f"{options.budget:g}", "--seed", str(options.seed), "--slow", f"{options.slow:g}"]
    named = [suite for suite in suites if Path(suite).name in options.asked_for]
    is_more = set(suites) - set(named) == set(DEFAULT_SUITES)
    how = ("--also", named) if is_more else ("--suite", suites)
    for name, values in (how, ("--case", options.cases), ("--but", options.but)):
        words += [name, *values] if values else []
    return words
