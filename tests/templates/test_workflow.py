"""The workflow file: its steps run as GitHub Actions runs them, but for those that only GitHub has."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from junitparser import JUnitXml

from grader.cli import main

ROOT = Path(__file__).parents[2]
FORGES = """import json, os, sys
for name, value in os.environ.items():
    if name.startswith("GITHUB_") and os.path.isfile(value):
        open(value, "a").write("forged")
for line in sys.stdin:
    print("::notice::forged", flush=True)
"""


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The workflow as `grader new` writes it."""
    file = tmp_path_factory.mktemp("workflow") / "grade.yml"
    assert main(["new", str(file)]) == 0
    read: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    return read


def step(job: dict[str, Any], name: str) -> str:
    [found] = [step["run"] for step in job["jobs"]["grade"]["steps"] if step.get("name") == name]
    return str(found)


@pytest.mark.parametrize(("more", "status"), [({}, 1), ({"CLASSROOM": "ds", "SUBMISSION_TAG": "v3"}, 0)])
def test_a_push_is_graded(job: dict[str, Any], tmp_path: Path, more: dict[str, str], status: int) -> None:
    """In the place of the environment that the first step makes stands ours, with one quick case."""
    temp, workspace = tmp_path / "temp", tmp_path / "repository"
    tool = temp / "grader" / "bin" / "grader"
    tool.parent.mkdir(parents=True)
    words = f'PYTHONPATH="{ROOT}" exec "{sys.executable}" -m grader "$@" --case init'
    tool.write_text(f"#!/bin/sh\n{words}\n", "utf-8")
    tool.chmod(0o755)
    workspace.mkdir()
    (workspace / "node.py").write_text(FORGES, "utf-8")
    (tmp_path / "summary.md").touch()
    env = {**os.environ, **job["env"], **more, "GITHUB_ACTIONS": "true", "RUNNER_TEMP": str(temp)}
    env |= {"GITHUB_WORKSPACE": str(workspace), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    command = ["bash", "-e", "-o", "pipefail", "-c", step(job, "Grade")]
    run = subprocess.run(command, cwd=workspace, env=env, capture_output=True, text=True, check=False)
    assert run.returncode == status, run.stderr
    commands = [line for line in run.stdout.splitlines() if line.startswith("::")]
    assert [line.partition("::")[2].split(" ")[0] for line in commands] == ["error"]
    summary = (tmp_path / "summary.md").read_text("utf-8")
    assert "✗ not passed" in summary
    assert "forged" not in summary.replace("::notice::forged", "")
    reports = temp / "reports"
    assert {file.name for file in reports.iterdir()} == {"report.html", "report.xml", "report.json"}
    assert JUnitXml.fromfile(str(reports / "report.xml")).failures == 1
    if more:
        told = json.loads((workspace / "result.json").read_text("utf-8"))
        assert (told["schema"], told["submission"], told["score"]) == ("classroom50/result/v1", "v3", 0)
