"""What was handed in, by whom, and which file is the node."""

from pathlib import Path

import pytest

from grader.classes.job import ClassJob, Options
from grader.classes.roster import BadRoster, Student, read
from grader.classes.submissions import files_of, find

NODE = "print()\n"


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(NODE, "utf-8")


def test_each_file_and_each_folder_is_a_submission(tmp_path: Path) -> None:
    write(tmp_path, "ada.py", "ben/node.py", "ben/wire.py", ".hidden/x.py", "__pycache__/x.pyc")
    assert [(one.student.id, one.entry, one.refusal) for one in find(tmp_path, {})] == [
        ("ada", "ada.py", ""),
        ("ben", "node.py", ""),
    ]


@pytest.mark.parametrize(
    ("names", "entry", "chosen", "refusal"),
    [
        (["x/main.py", "x/helper.py"], "", "main.py", ""),
        (["x/only.js"], "", "only.js", ""),
        (["x/a.py", "x/b.py"], "", "", "a.py, b.py: which one is the node? --entry names it"),
        (["x/README.md"], "", "", "has no file that can be started; --entry names it"),
        (["x/src/deep.py", "x/a.py", "x/b.py"], "src/deep.py", "src/deep.py", ""),
        (["x/a.py"], "b.py", "", "has no file b.py"),
        (["x/project-main/node.py", "x/project-main/wire.py"], "", "project-main/node.py", ""),
        (["x/project-main/a.py", "x/project-main/b.py"], "b.py", "project-main/b.py", ""),
    ],
)
def test_the_node_of_a_folder_is_named_or_found(
    tmp_path: Path, names: list[str], entry: str, chosen: str, refusal: str
) -> None:
    write(tmp_path, *names)
    [one] = find(tmp_path, {}, entry)
    assert (one.entry, one.refusal) == (chosen, refusal)


def test_who_handed_in_nothing_is_told(tmp_path: Path) -> None:
    write(tmp_path, "ada.py")
    students = {"ada.py": Student("ada.py", "17"), "ben.py": Student("ben.py", "18", "Ben")}
    assert [(one.student.id, one.refusal) for one in find(tmp_path, students)] == [
        ("17", ""),
        ("18", "nothing was handed in"),
    ]


def test_a_link_is_no_submission_and_none_of_its_files(tmp_path: Path) -> None:
    write(tmp_path, "secret.txt", "class/ben/node.py")
    (tmp_path / "class" / "eve.py").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "class" / "ben" / "stolen.txt").symlink_to(tmp_path / "secret.txt")
    ben, eve = find(tmp_path / "class", {})
    assert list(files_of(ben)) == ["node.py"]
    assert eve.refusal


def test_a_fingerprint_is_of_all_that_matters() -> None:
    job = ClassJob("a.py", "a.py", (("a.py", b"1"), ("b.py", b"2")), Options())
    others = [
        ClassJob("a.py", "a.py", (("a.py", b"12"), ("b.py", b"")), Options()),
        ClassJob("a.py", "b.py", job.files, Options()),
        ClassJob("a.py", "a.py", job.files, Options(budget=5.0)),
        ClassJob("a.py", "a.py", job.files, Options(own_suites=(("mine.jsonl", "x"),))),
        ClassJob("a.py", "a.py", job.files, Options(), frozenset({"a.py"})),
    ]
    prints = {one.fingerprint("1") for one in (job, *others)} | {job.fingerprint("2")}
    assert len(prints) == len(others) + 2
    assert job.fingerprint("1") == ClassJob("a.py", "a.py", job.files, Options()).fingerprint("1")


def test_a_roster_may_come_from_a_spreadsheet(tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_bytes('\ufeffEmail,ID,File,Name\r\na@x.org,17,ada.py,"L., Ada"\r\n'.encode())
    assert read(file) == {"ada.py": Student("ada.py", "17", "L., Ada", "a@x.org")}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("name,email\n", ":1: expected the columns file, id, name, email; it has name, email"),
        ("file,id\na.py,\n", ":2: a line needs a file and an id"),
        ("file,id\na.py,1\nb.py,1\n", ":3: 1 stands there twice"),
        ("file,id\na.py,1\na.py,2\n", ":3: a.py stands there twice"),
    ],
)
def test_a_roster_that_can_t_be_used_is_told_by_line(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "roster.csv"
    file.write_text(text, "utf-8")
    with pytest.raises(BadRoster) as refused:
        read(file)
    assert str(refused.value).endswith(why)
