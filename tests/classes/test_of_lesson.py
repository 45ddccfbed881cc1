"""What a class is graded by after a lesson is what the lesson's own last check of its node asks."""

import ast

from grader.cases.parser import CaseFileError
from grader.cases.select import select
from grader.classes.of_lesson import lesson_nodes
from grader.notebook.course.lesson_text import all_lessons

KINDS = ("suites", "cases", "but")


def test_each_is_the_last_check_of_its_lesson() -> None:
    checked = {}
    for text in all_lessons():
        for cell in text.cells:
            if cell.given.startswith("%"):
                continue
            names: dict[str, ast.expr] = {}
            for node in ast.walk(ast.parse(cell.given)):
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    names[node.targets[0].id] = node.value
                elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "check":
                    on = node.args[1]
                    given = {word.arg: words(word.value, names) for word in node.keywords if word.arg in KINDS}
                    if isinstance(on, ast.Constant) and str(on.value).startswith("my_") and given:
                        checked[text.number] = (on.value, ids(**given))
    known = {
        number: (
            one.file,
            {case.id for case in select(one.suites, one.cases, but=one.but) if case.file != "interleaving"},
        )
        for number, one in lesson_nodes().items()
    }
    del checked["08"]  # its suite is the lesson's own, and no part of the kit
    assert known == checked


def words(value: ast.expr, names: dict[str, ast.expr]) -> list[str]:
    told: list[str] = ast.literal_eval(names[value.id] if isinstance(value, ast.Name) else value)
    return told


def ids(suites: tuple[str, ...] = (), cases: tuple[str, ...] = (), but: tuple[str, ...] = ()) -> set[str]:
    try:
        return {case.id for case in select(suites, cases, but=but)}
    except CaseFileError:  # a suite of the lesson's own
        return set()
