"""A report's file has its name only once the whole report is there."""

import sys
from pathlib import Path

import pytest

from grader.reports.report_file import CantWrite, ReportFile


def test_it_takes_its_name_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    target.write_text("of yesterday", "utf-8")
    file = ReportFile("--json", str(target))
    assert target.read_text("utf-8") == "of yesterday"
    file.write("half a pair: \ud800")
    assert target.read_text("utf-8") == "half a pair: \\ud800"
    assert list(tmp_path.iterdir()) == [target]


def test_what_had_the_name_stays_if_nothing_comes_of_it(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    target.write_text("of yesterday", "utf-8")
    ReportFile("--json", str(target)).close()
    assert target.read_text("utf-8") == "of yesterday"
    assert list(tmp_path.iterdir()) == [target]


def test_a_link_goes_on_leading_to_the_report(tmp_path: Path) -> None:
    target, link = tmp_path / "report.json", tmp_path / "latest.json"
    target.write_text("", "utf-8")
    link.symlink_to(target)
    ReportFile("--json", str(link)).write("new")
    assert link.is_symlink()
    assert target.read_text("utf-8") == "new"


@pytest.mark.parametrize("name", ["no/such/folder", "."])
def test_a_bad_path_is_told_before_anything_runs(name: str) -> None:
    with pytest.raises(CantWrite, match=f"--html {name}: can't be written"):
        ReportFile("--html", name)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_a_full_disk_is_told() -> None:
    with pytest.raises(CantWrite, match="/dev/full: can't be written: No space left"):
        ReportFile("--json", "/dev/full").write("much")


def test_a_dash_is_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    file = ReportFile("--json", "-")
    file.write("{}\n")
    assert file.is_stdout
    assert capsys.readouterr().out == "{}\n"
    assert not sys.stdout.closed
