"""The synchronous node in each language: right but for what the exercise is about."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from grader.cases.select import select
from grader.conversation.submission import from_command
from grader.grading.runner import grade
from grader.templates.new_node import write_new_node

# The six parts, values of every kind, what can't be served, a long line, a peer; and what it can't do yet.
PASSES = ("three-echoes", "payloads", "unicode", "missing-field", "bad-lines", "long-line", "peer-error")
FAILS = "serves-while-waiting"
NODES = [
    ("node.js", "node", [], ["node", "node.js"]),
    ("node.go", "go", ["go", "build", "-o", "made", "node.go"], ["./made"]),
    (
        "Node.java",
        "javac",
        ["javac", "-d", ".", "Node.java"],
        ["java", "-XX:TieredStopAtLevel=1", "Node"],
    ),
]


@pytest.mark.parametrize(("file", "needs", "build", "start"), NODES, ids=[node[0] for node in NODES])
def test_it_serves_a_message_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, needs: str, build: list[str], start: list[str]
) -> None:
    if shutil.which(needs) is None:
        pytest.skip(f"{needs} is not installed")
    monkeypatch.chdir(tmp_path)
    said = write_new_node(file)
    assert file in said
    if build:
        env = {**os.environ, "GOCACHE": str(tmp_path / "cache"), "GOFLAGS": "-mod=mod"}
        assert " ".join(build[:2]) in said
        subprocess.run(build, check=True, env=env)
    results = grade(from_command(start), select(ids=(*PASSES, FAILS))).results
    codes = {result.case.id: [finding.code for finding in result.findings[:1]] for result in results}
    assert codes == {**{case: [] for case in PASSES}, FAILS: ["blocked"]}
