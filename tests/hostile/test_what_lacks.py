"""What is said where the packages, the kernel's own, or Linux are not to be had: tried by taking them away."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from grader.conversation import at_rest, node_process
from grader.conversation.submission import from_file
from grader.grading.runner import grade
from grader.sandbox import begin
from grader.sandbox.policy import MIB, Limits, Policy
from tests.conversations import case, expect, init, init_ok, send
from tests.hostile import nodes

linux = pytest.mark.skipif(sys.platform != "linux", reason="there is nothing to be taken away")

WITHOUT = """
import sys
import grader.sandbox.kept as kept
kept.PACKAGES = ()
from grader.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def node(tmp_path: Path) -> Path:
    (tmp_path / "handed").mkdir()
    path = tmp_path / "handed" / "node.py"
    path.write_text(nodes.source(""))
    return path


@linux
@pytest.mark.parametrize(
    ("strength", "lacks"), [("limits", "package seccompy"), ("full", "package landlockpy"), ("off", "")]
)
def test_submit_says_what_is_missing_and_goes_on(node: Path, strength: str, lacks: str) -> None:
    words = ["submit", str(node), "--case", "init", "--sandbox", strength]
    done = subprocess.run([sys.executable, "-c", WITHOUT, *words], capture_output=True, text=True, check=False)
    (said,) = [line for line in done.stdout.split("\n") if line.startswith("sandbox: ")]
    assert done.returncode == 0
    assert said.startswith(f"sandbox: {strength}")
    assert lacks in said
    assert ("without" in said) == bool(lacks)


@linux
@pytest.mark.parametrize(("strength", "less"), [("full", "limits"), ("limits", "off")])
def test_class_refuses_and_says_which_option_accepts_less(node: Path, strength: str, less: str) -> None:
    words = ["class", str(node.parent), "--sandbox", strength]
    done = subprocess.run([sys.executable, "-c", WITHOUT, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(f"grader: --sandbox {strength} can't be had here")
    assert f"--sandbox {less}" in done.stderr
    assert done.stderr.count("\n") == 1


@linux
@pytest.mark.parametrize("version", [0, 5])
def test_an_old_kernel_has_no_full(monkeypatch: pytest.MonkeyPatch, version: int) -> None:
    import landlockpy

    from grader.sandbox.confinement import missing

    monkeypatch.setattr(landlockpy, "abi_version", lambda: version)
    (lacks,) = missing(Policy("full"))
    assert "Landlock 6" in lacks
    assert missing(Policy("limits")) == []  # there it is more than was promised


def test_another_system_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(begin, "LINUX", False)
    assert begin.lacks(Policy("off")) == ()
    assert "Linux" in begin.refusal("full", begin.lacks(Policy("full")))


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a system that is not Linux: no keepers, and nothing is known of what a process does."""
    for module in (begin, at_rest, node_process):
        monkeypatch.setattr(module, "LINUX", False)


STAYS = """
def attack():
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)", "MARK"])
"""


@pytest.mark.skipif(os.name != "posix", reason="who left its parent is looked for by its group")
@pytest.mark.usefixtures("elsewhere")
def test_elsewhere_output_is_limited_and_what_stays_with_its_parent_is_ended(tmp_path: Path) -> None:
    node = tmp_path / "node.py"
    one = case(send(init()), expect(init_ok()))
    node.write_text(nodes.source(nodes.STDERR))
    policy = Policy("limits", Limits(output=8 * MIB))
    outcome = grade(replace(from_file(str(node)), policy=policy), [one])
    assert outcome.results[0].findings[0].actual == "stderr: more than 8 MiB"
    assert outcome.lacks == (begin.NOT_LINUX,)
    node.write_text(nodes.source(STAYS.replace("MARK", str(tmp_path))))
    assert grade(from_file(str(node)), [one]).passed
    words = [process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])]
    assert not any(str(tmp_path) in words for words in words)
