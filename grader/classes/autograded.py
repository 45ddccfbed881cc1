"""What Gradescope's autograder runs for a submission: its node is found as a class's is, and graded.

Called with the file for the results, the files to start, `--`, and options of `grader submit`; what was handed
in is in the working folder.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from grader.classes.entries import RUN_BY, Entry
from grader.classes.starting import started
from grader.classes.submissions import entry_in
from grader.conversation.submission import NotGradable

SCRIPT = b"#!"


def main(words: Sequence[str]) -> int:
    """Grade it; where that can't be, the results say why."""
    results, *rest = words
    cut = rest.index("--")
    entry = entry_in(Path.cwd(), rest[:cut])
    try:
        node, command = _node(entry)
    except NotGradable as refusal:
        told = {"score": 0, "output": f"The node could not be graded: {refusal}"}
        Path(results).write_text(json.dumps(told), "utf-8")
        return 0
    options = [*rest[cut + 1 :], "--sandbox", "full", "--gradescope", results]
    called = subprocess.run(
        [sys.executable, "-P", "-m", "grader", "submit", *node, *options, *command], check=False
    )
    return called.returncode


def _node(entry: Entry) -> tuple[list[str], list[str]]:
    """The words that name it: a file, which stands before the options, or a command, which stands behind."""
    if entry.refusal:
        raise NotGradable(
            entry.refusal.replace("--entry names it", "hand in one file, or one that is called node")
        )
    file = Path(entry.name)
    if file.read_bytes().startswith(SCRIPT):
        file.chmod(0o755)  # to hand it in may have cost it that
    submission = started(file)
    if submission.command[1:] and file.suffix.lower() in RUN_BY:
        return [], ["--", *submission.command]
    return [entry.name], []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
