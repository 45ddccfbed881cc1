"""How a file that was handed in is started: by the interpreter of its language, where it names none itself."""

import shutil
from pathlib import Path

from grader.classes.entries import RUN_BY, why_not
from grader.conversation.submission import NotGradable, Submission, from_file


def started(file: Path) -> Submission:
    """The submission in this file. Raises NotGradable, in words for whoever grades a class."""
    is_executable = bool(file.stat().st_mode & 0o100)
    if why := why_not(file.name, is_executable=is_executable):
        raise NotGradable(why)
    command = RUN_BY.get(file.suffix.lower())
    if command is None or is_executable:
        return from_file(str(file))
    program = shutil.which(command[0])
    if program is None:
        raise NotGradable(f"{file.name} needs {command[0]}, which is not installed here")
    return Submission(str(file), (program, *command[1:], str(file)), file.parent)
