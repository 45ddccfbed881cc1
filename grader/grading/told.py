"""What a report may tell of a run: what the node did, and nothing of how the grader looks at it. Pure."""

from dataclasses import replace

from grader.checks.findings import Finding
from grader.conversation.submission import Submission
from grader.conversation.thread_dumps import is_of_a_look
from grader.grading.results import Result


def as_told(result: Result, submission: Submission) -> Result:
    """The result without what the node was made to say of where it stands, once that has been judged.

    Where the node ran in a copy, files of the copy are named as they are in the submission's own folder.
    """
    transcript = tuple(
        event for event in result.transcript if not (event.kind == "err" and is_of_a_look(event.line))
    )
    if submission.original is None:
        return replace(result, transcript=transcript)
    folder = f"{submission.folder}/"

    def plain(text: str) -> str:
        return text.replace(f"file://{folder}", "").replace(folder, "") if folder in text else text

    def of_finding(finding: Finding) -> Finding:
        cause = finding.cause and replace(
            finding.cause, text=plain(finding.cause.text), file=plain(finding.cause.file)
        )
        return replace(
            finding,
            message=plain(finding.message),
            expected=plain(finding.expected),
            actual=plain(finding.actual),
            stands=tuple(map(plain, finding.stands)),
            cause=cause,
        )

    return replace(
        result,
        findings=tuple(map(of_finding, result.findings)),
        transcript=tuple(
            replace(event, line=plain(event.line)) if event.kind == "err" else event for event in transcript
        ),
    )
