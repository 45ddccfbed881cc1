"""What was handed in, by whom, and which file is the node."""

import stat
import zipfile
from pathlib import Path

import pytest

from grader.classes.contents import contents_of
from grader.classes.entries import entry_of, why_not
from grader.classes.job import ClassJob, Options
from grader.classes.roster import BadRoster, Student, read
from grader.classes.starting import started
from grader.classes.submissions import find

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
    ("names", "wanted", "chosen", "refusal"),
    [
        (["main.py", "helper.py"], [], "main.py", ""),
        (["only.js"], [], "only.js", ""),
        (["Node.java", "Wire.java"], [], "Node.java", ""),
        (["node.py", "node.js"], [], "", "node.js, node.py: which one is the node? --entry names it"),
        (["a.py", "b.py"], [], "", "a.py, b.py: which one is the node? --entry names it"),
        (["README.md"], [], "", "it has no file that can be started; --entry names it"),
        (["node.go", "go.mod"], [], "", "node.go must be compiled, and a class compiles nothing"),
        ([], [], "", "it is empty"),
        (["src/deep.py", "a.py", "b.py"], ["src/deep.py"], "src/deep.py", ""),
        (["a.py"], ["b.py", "c.py"], "", "it has no file b.py or c.py"),
        (["a.py", "c.py"], ["b.py", "c.*"], "c.py", ""),
        (["a.py", "c.py"], ["*.py"], "", "a.py, c.py: which one is the node? --entry *.py fits all"),
        (["project-main/node.py", "project-main/wire.py"], [], "project-main/node.py", ""),
        (["project-main/a.py", "project-main/b.py"], ["b.py"], "project-main/b.py", ""),
    ],
)
def test_the_node_of_several_files_is_named_or_found(
    names: list[str], wanted: list[str], chosen: str, refusal: str
) -> None:
    entry = entry_of(names, wanted)
    assert (entry.name, entry.refusal[: len(refusal) or 1]) == (chosen, refusal)
    assert entry.chosen == (bool(chosen) and not wanted)


def test_javascript_may_say_itself_what_is_main() -> None:
    names = ["p/package.json", "p/lib/start.js", "p/index.js"]
    assert entry_of(names, package=b'{"main": "./lib/start"}').name == "p/lib/start.js"
    for package in (b'{"main": "none"}', b'{"main": 7}', b"[", b"[]"):
        assert entry_of(names, package=package).name == "p/index.js"


@pytest.mark.parametrize(
    ("name", "executable", "why"),
    [
        ("ada.PY", False, ""), ("ada", True, ""), ("ada.sh", False, ""), ("Ada.java", False, ""),
        ("ada.c", True, "ada.c must be compiled"), ("ada.tgz", False, "ada.tgz is an archive that"),
        ("ada.ipynb", False, "ada.ipynb is a notebook"), ("ada.txt", False, "nothing says what runs ada.txt"),
    ],
)  # fmt: skip
def test_what_can_t_be_started_is_told_in_words_for_a_class(name: str, executable: bool, why: str) -> None:
    assert why_not(name, is_executable=executable).startswith(why)
    assert bool(why_not(name, is_executable=executable)) == bool(why)
    assert "submit" not in why_not(name, is_executable=executable)


def test_a_script_is_started_by_its_interpreter_or_by_itself(tmp_path: Path) -> None:
    write(tmp_path, "plain.sh", "own.sh")
    (tmp_path / "own.sh").chmod(0o755)
    (tmp_path / "own.sh").write_text("#!/bin/sh\n", "utf-8")
    assert [word.rpartition("/")[2] for word in started(tmp_path / "plain.sh").command] == ["bash", "plain.sh"]
    assert started(tmp_path / "own.sh").command == (str(tmp_path / "own.sh"),)


def zipped(path: Path, *names: str, mode: int = 0o644) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, NODE)
    return path


def test_a_zip_is_opened_and_nothing_lies_outside_of_it(tmp_path: Path) -> None:
    zipped(tmp_path / "ada.zip", "ada/", "ada/node.py", "__MACOSX/ada/._node.py", "ada/.DS_Store")
    zipped(tmp_path / "ben.zip", "../node.py")
    zipped(tmp_path / "eve.zip", "node.py", mode=stat.S_IFLNK | 0o777)
    (tmp_path / "kim.zip").write_bytes(b"PK no more")
    write(tmp_path, ".DS_Store", "__MACOSX/x.py")
    ada, ben, eve, kim = find(tmp_path, {})
    assert (ada.student.id, ada.entry, ada.refusal) == ("ada", "ada/node.py", "")
    assert contents_of(ada.path).files == {"ada/node.py": NODE.encode()}
    assert ben.refusal == "the archive has a file that would lie outside of it: ../node.py"
    assert eve.refusal == "it is empty"
    assert kim.refusal.startswith("the archive can't be opened: ")


def test_who_handed_in_nothing_is_told_and_what_may_be_theirs(tmp_path: Path) -> None:
    write(tmp_path, "ada.py", "eve.py")
    names = {"ada.py": "17", "ben.py": "18", "Eve.PY": "19"}
    roster = {name: [Student(name, id_)] for name, id_ in names.items()}
    assert [(one.student.id, one.refusal, one.is_missing) for one in find(tmp_path, roster)] == [
        ("17", "", False),
        ("eve", "", False),
        ("18", "nothing was handed in", True),
        ("19", "nothing was handed in as Eve.PY; is it eve.py?", True),
    ]


def test_a_link_is_no_submission_and_none_of_its_files(tmp_path: Path) -> None:
    write(tmp_path, "secret.txt", "class/ben/node.py")
    (tmp_path / "class" / "eve.py").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "class" / "ben" / "stolen.txt").symlink_to(tmp_path / "secret.txt")
    ben, eve = find(tmp_path / "class", {})
    assert list(contents_of(ben.path).files) == ["node.py"]
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
    assert read(file) == {"ada.py": [Student("ada.py", "17", "L., Ada", "a@x.org")]}


def test_two_may_hand_in_one_file(tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text("file,id\nteam.py,1\nteam.py,2\n", "utf-8")
    write(tmp_path / "class", "team.py")
    found = find(tmp_path / "class", read(file))
    assert [(one.student.id, one.path.name) for one in found] == [("1", "team.py"), ("2", "team.py")]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("name,email\n", ":1: expected the columns file, id, name, email; it has name, email"),
        ("file,id\na.py,\n", ":2: a line needs a file and an id"),
        ("file,id\na.py,1\nb.py,1\n", ":3: 1 stands there twice"),
    ],
)
def test_a_roster_that_can_t_be_used_is_told_by_line(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "roster.csv"
    file.write_text(text, "utf-8")
    with pytest.raises(BadRoster) as refused:
        read(file)
    assert str(refused.value).endswith(why)
