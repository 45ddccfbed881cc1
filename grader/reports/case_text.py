"""A case to look at: as its file has it, or as the lines to pipe into a node by hand."""

from grader.cases.model import Case
from grader.conversation.patterns import MSG_ID
from grader.conversation.script import Group, Script, advance


def text_of(case: Case) -> str:
    """The case's own lines."""
    return "".join(f"{line}\n" for line in case.source)


def input_of(case: Case) -> str:
    """All that the case sends.

    What it answers to the node's own requests depends on their ids: taken are those of a node that numbers
    its messages 0, 1, 2, … and writes them in the order in which the case expects them.
    """
    script, paper = Script(case), _Paper()
    written = 0
    while (stage := advance(script, paper)) is not None:
        if isinstance(stage, Group):
            for pattern in stage.patterns:
                # What a node says beside its ids nobody can know: its name stands for it.
                script.bindings.update(
                    {name: written if path == MSG_ID else name for name, path in pattern.binds}
                )
                written += 1
        script.go_on()
    return paper.text


class _Paper:
    """Takes down what the grader would write, and hears nothing."""

    def __init__(self) -> None:
        self.text = ""

    def may_go_on(self) -> bool:
        return True

    def send(self, text: str) -> None:
        self.text += text

    def end_input(self) -> None:
        pass
