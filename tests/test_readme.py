"""The README keeps being true.

Record its capture again with `pytest tests/test_readme.py --record`.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

from grader.cases.parser import parse
from tests.conftest import Grader
from tests.table import README, with_table

TEXT = README.read_text("utf-8")
ROOT = README.parent


def test_the_table_of_mutants_is_the_generated_one() -> None:
    assert with_table(TEXT) == TEXT


def test_the_capture_is_what_is_printed(grader: Grader, record: bool) -> None:
    capture = re.search(r"```text\n\$ grader new node.py\n(.*?)\$ (grader submit .*?)\n(.*?)```", TEXT, re.S)
    assert capture is not None
    assert grader("new", "node.py").stdout == capture[1]
    printed = grader(*capture[2].split()[1:], COLUMNS="90").stdout
    times = re.compile(r"\d+\.\d+ s")
    if record:
        README.write_text(TEXT.replace(capture[3], printed), "utf-8")
    assert times.sub("T", printed) == times.sub("T", capture[3])


def test_the_race_is_found_as_shown(grader: Grader, record: bool) -> None:
    capture = re.search(r"```text\n\$ (grader race (\S+) .*?)\n(.*?)```", TEXT, re.S)
    assert capture is not None
    words = capture[1].replace(capture[2], str(ROOT / capture[2])).split()
    printed = grader(*words[1:], COLUMNS="90").stdout.replace(str(ROOT / capture[2]), capture[2])
    times = re.compile(r"\d+\.\d+ s")
    if record:
        README.write_text(README.read_text("utf-8").replace(capture[3], printed), "utf-8")
    assert times.sub("T", printed) == times.sub("T", capture[3])


def test_the_five_lines_work(tmp_path: Path) -> None:
    source = re.search(r"```python\n(from reference.*?)```", TEXT, re.S)
    assert source is not None
    (tmp_path / "sum.py").write_text(source[1])
    lines = [
        {"src": "c0", "dest": "n1", "body": {"type": "init", "msg_id": 1, "node_id": "n1", "node_ids": ["n1"]}},
        {"src": "c1", "dest": "n1", "body": {"type": "sum", "msg_id": 1, "terms": [1, 2, 3]}},
    ]
    done = subprocess.run(
        [sys.executable, tmp_path / "sum.py"],
        input="".join(json.dumps(line) + "\n" for line in lines),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout.splitlines()[1])["body"]["sum"] == 6


def test_the_case_is_a_case_and_the_reference_passes_it(grader: Grader, tmp_path: Path) -> None:
    case = re.search(r"```jsonl\n(.*?)```", TEXT, re.S)
    assert case is not None
    (tmp_path / "mine.jsonl").write_text(case[1], "utf-8")
    assert grader("cases", "check", str(tmp_path / "mine.jsonl")).returncode == 0
    done = grader("submit", str(ROOT / "reference" / "node.py"), "--suite", str(tmp_path / "mine.jsonl"))
    assert done.returncode == 0, done.stdout


def test_the_files_that_are_named_are_there() -> None:
    for name in re.findall(r"`((?:reference|grader|tests|notebooks)/[\w./]+)`", TEXT):
        assert (ROOT / name).exists(), name


def test_every_option_that_is_named_exists(grader: Grader) -> None:
    told = grader("submit", "--help").stdout
    for option in re.findall(r"(--\w+)", "".join(re.findall(r"^\| `grader submit .*?`", TEXT, re.M))):
        assert option in told


def test_the_cases_of_the_readme_load() -> None:
    """The whole case, and each example in the table of keys, which shows its key."""
    (whole,) = re.findall(r"```jsonl\n(.*?)```", TEXT, re.S)
    assert parse(whole, "readme", "readme.jsonl").cases[0].id == "not-deaf"
    rows = re.findall(r"^\| `(\w+)` \| .* \| `(\{.*\})` \|$", TEXT, re.M)
    assert [key for key, _ in rows] == [
        "order",
        "msg_ids",
        "match",
        "repeat",
        "optional",
        "send_raw",
        "silence_ms",
    ]
    header, *steps = whole.splitlines()
    for key, line in rows:
        assert key in json.loads(line)
        suite = [line, *steps] if "case" in json.loads(line) else [header, *steps, line]
        assert len(parse("\n".join(suite), "readme", "readme.jsonl").cases) == 1
