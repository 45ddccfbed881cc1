"""The autograder for Gradescope: a zip with the kit, what sets it up, and what grades a submission."""

import shlex
import zipfile
from collections.abc import Sequence
from importlib.resources import files
from io import BytesIO
from pathlib import Path

PROJECT = """\
[build-system]
requires = ["hatchling>=1.25"]
build-backend = "hatchling.build"

[project]
name = "concurrent-message-kit"
version = "{version}"
requires-python = ">=3.11"
dependencies = [{dependencies}]

[project.scripts]
grader = "grader.cli:main"

[tool.hatch.build.targets.wheel]
packages = ["grader"]
"""
FOLDER = Path(__file__).with_name("gradescope")
DEPENDENCIES = (
    "argcomplete>=3.4",
    "greenlet>=3.0",
    "jinja2>=3.1",
    "junitparser>=4.0",
    "psutil>=6.0",
    "rich>=13.7",
    "watchfiles>=0.22",
)


def build(
    version: str, suites: Sequence[str] = (), own: Sequence[tuple[str, str]] = (), entry: str = ""
) -> bytes:
    """The zip. `suites` are built-in ones, `own` others with what they say, `entry` is the file to start."""
    options = [*suites, *(f"../source/suites/{name}" for name, _ in own)]
    given = f"--suite {shlex.join(options)}" if options else ""
    run = (FOLDER / "run_autograder").read_text("utf-8")
    dependencies = ", ".join(f'"{name}"' for name in DEPENDENCIES)
    parts: dict[str, bytes] = {
        "setup.sh": (FOLDER / "setup.sh").read_bytes(),
        "run_autograder": run.replace("ENTRY", shlex.quote(entry)).replace("OPTIONS", given).encode(),
        "kit/pyproject.toml": PROJECT.format(version=version, dependencies=dependencies).encode(),
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
