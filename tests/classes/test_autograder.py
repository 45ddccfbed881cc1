"""The autograder's zip: set up and run as Gradescope does it, in a folder of its own."""

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from grader.classes.autograder import build
from grader.cli import main
from tests.classes.test_class import RIGHT, SUITE, WRONG

ROOT = Path(__file__).parents[2]


def test_it_needs_what_the_kit_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    with zipfile.ZipFile(BytesIO(build())) as archive:
        packed = tomllib.loads(archive.read("kit/pyproject.toml").decode())["project"]
    assert sorted(packed["dependencies"]) == sorted(project["dependencies"])
    assert (packed["name"], packed["version"]) == (project["name"], project["version"])


def test_what_is_graded_besides_names_no_default_suite(tmp_path: Path) -> None:
    """So that who can't be explored passes without."""
    file, target = tmp_path / "mine.jsonl", tmp_path / "auto.zip"
    file.write_text(SUITE, "utf-8")
    called = {}
    for option, value in (("--also", str(file)), ("--lesson", "03")):
        assert main(["class", "--gradescope-zip", str(target), option, value]) == 0
        with zipfile.ZipFile(target) as archive:
            script = archive.read("run_autograder").decode()
        [called[option]] = [line for line in script.splitlines() if "autograded" in line]
    assert " --also ../source/suites/mine.jsonl" in called["--also"]
    assert "--suite" not in called["--also"]
    assert " --suite async-handler" in called["--lesson"]


@pytest.fixture
def autograder(tmp_path: Path) -> Path:
    """Unpacked where Gradescope has it; for its environment ours stands in, which has the kit already."""
    (tmp_path / "hidden.jsonl").write_text(SUITE, "utf-8")
    target = tmp_path / "auto.zip"
    assert (
        main(
            [
                "class",
                "--gradescope-zip",
                str(target),
                "--suite",
                str(tmp_path / "hidden.jsonl"),
                "--entry",
                "mine.py",
                "--entry",
                "n*",
            ]
        )
        == 0
    )
    root = tmp_path / "autograder"
    for name in ("source", "submission", "results"):
        (root / name).mkdir(parents=True)
    with zipfile.ZipFile(target) as archive:
        for info in archive.infolist():
            Path(archive.extract(info, root / "source")).chmod(info.external_attr >> 16)
    tool = root / "venv" / "bin" / "python"
    tool.parent.mkdir(parents=True)
    tool.write_text(f'#!/bin/sh\nPYTHONPATH="{root}/source/kit" exec "{sys.executable}" "$@"\n', "utf-8")
    tool.chmod(0o755)
    return root


@pytest.mark.skipif(os.name == "nt", reason="Gradescope is Linux")
@pytest.mark.parametrize(
    ("name", "text", "score"),
    [("node.py", RIGHT, 1.0), ("mine.py", WRONG, 0.0), ("node.c", "", 0.0), ("node.java", "", 0.0)],
)
def test_a_submission_gets_its_results(autograder: Path, name: str, text: str, score: float) -> None:
    (autograder / "submission" / name).write_text(text, "utf-8")
    env = {**os.environ, "AUTOGRADER": str(autograder)}
    run = subprocess.run(
        [str(autograder / "source" / "run_autograder")], env=env, capture_output=True, check=False
    )
    assert run.returncode == 0
    results = json.loads((autograder / "results" / "results.json").read_text("utf-8"))
    assert results["score"] == score
    why = {
        "node.c": "The node could not be graded: node.c must be compiled, and a class compiles nothing",
        "zoe.py": "The node could not be graded: it has no file mine.py or n*",
    }
    assert ("tests" in results) == (name not in why)
    assert results["output"].startswith(why.get(name, ""))


@pytest.mark.skipif(os.name == "nt", reason="Gradescope is Linux")
def test_a_submission_is_no_part_of_the_grader(autograder: Path) -> None:
    """Its files may be called as modules are, by chance or to give themselves points."""
    submission = autograder / "submission"
    (submission / "mine.py").write_text(WRONG, "utf-8")
    (submission / "grader").mkdir()
    for name in ("json.py", "queue.py", "grader/__init__.py"):
        (submission / name).write_text("raise SystemExit('it was imported')", "utf-8")
    env = {**os.environ, "AUTOGRADER": str(autograder)}
    subprocess.run([str(autograder / "source" / "run_autograder")], env=env, capture_output=True, check=False)
    results = json.loads((autograder / "results" / "results.json").read_text("utf-8"))
    assert (results["score"], len(results["tests"])) == (0.0, 1)


def test_both_scripts_may_be_run(autograder: Path) -> None:
    for name in ("setup.sh", "run_autograder"):
        assert os.access(autograder / "source" / name, os.X_OK)
        subprocess.run(["bash", "-n", str(autograder / "source" / name)], check=True)
