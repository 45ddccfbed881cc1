"""Before a node is accused because no schedule passes, it is run once for real, as `submit` does.

Where that run passes, the explorer must be wrong: the case is reported as inconclusive.
"""

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from grader.cases.model import Case
from grader.checks.judge import judge
from grader.conversation.driver import Conversation, Interrupted
from grader.conversation.submission import Submission
from grader.explorer.diagnosis.patterns import diagnose
from grader.sandbox.run_folder import RunFolder

if TYPE_CHECKING:  # it needs greenlet and fork, and whoever has not both is told so first
    from grader.explorer.search.engine import Searched

OURS = "every schedule that was tried fails, a real run passes: the explorer may be wrong, and says nothing"


class Reality:
    """Runs a submission for real where it must be, and remembers which failures have been seen there."""

    def __init__(self, submission: Submission) -> None:
        self.submission = submission
        self.seen: set[str] = set()  # codes of what a real run has shown, too

    def confirmed(self, searched: "Searched") -> "Searched":
        """What the search says, if it is not contradicted: else that nothing is known."""
        found = searched.found
        code = diagnose(found).code if found else ""
        if found is None or not searched.none_passes or code in self.seen:
            return searched
        if not self._passes(searched.case):
            self.seen.add(code)
            return searched
        explored = replace(
            searched.explored, complete_to=-1, open_at=None, stopped="inconclusive", escaped=(OURS,)
        )
        return replace(searched, explored=explored, found=None, replay=None, none_passes=False)

    def _passes(self, case: Case) -> bool:
        with RunFolder(self.submission.policy.home) as folder, suppress(Interrupted):
            return not judge(case, Conversation(case, self.submission, folder.name).run()).findings
        return False
