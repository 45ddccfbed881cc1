"""Whether a node keeps the order of echoes at all, as one real run of many shows it.

Who answers as its handlers happen to end is told so by the suite `async-handler`, and may be right in all
else. So a workload that asks for an order is for nodes that keep one, unless somebody asks for it by name.
"""

from grader.cases.select import select
from grader.checks.judge import judge
from grader.conversation.driver import Conversation
from grader.conversation.submission import Submission
from grader.sandbox.run_folder import RunFolder

SUITE, CASE = "async-handler", "in-order"
OF_ORDER = ("wrong-order", "wrong-msg-id")
NO_ORDER = f"in any order for real, too ({CASE} of {SUITE}); asked for by --case, it is explored"


def keeps_order(submission: Submission) -> bool:
    """Whether many echoes, sent to the node for real, are answered in the order in which they were sent."""
    (case,) = select([SUITE], [CASE])
    with RunFolder(submission.policy.home) as folder:
        transcript = Conversation(case, submission, folder.name).run()
    return not any(finding.code == "wrong-order" for finding in judge(case, transcript).findings)
