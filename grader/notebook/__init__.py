"""What a notebook needs of the kit: talk to a node, predict, grade, check an exercise, ask for a hint.

Nothing heavy is imported here; what runs or grades a node is loaded when it is first used.
"""

from grader.notebook.drawing import diagram
from grader.notebook.exercises import answer, check, grade
from grader.notebook.hints import hint
from grader.notebook.predictions import predict, predicted
from grader.notebook.shell import command
from grader.notebook.spacetime_diagram import spacetime
from grader.notebook.talking import talk

__all__ = [
    "answer",
    "check",
    "command",
    "diagram",
    "grade",
    "hint",
    "predict",
    "predicted",
    "spacetime",
    "talk",
]
