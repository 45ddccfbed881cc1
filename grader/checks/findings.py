"""Findings: one thing wrong with a node; and the table of all codes, with what each usually comes from."""

from dataclasses import dataclass
from typing import Any, Literal

from grader.checks.wording import FLUSH, HAND_OVER, TO_STDERR


@dataclass(frozen=True, slots=True)
class Code:
    """What a code says, what usually causes it, a first thing to do, and the lesson that teaches it."""

    says: str
    cause: str
    hint: str
    lesson: str


CODES: dict[str, Code] = {
    "limit-exceeded": Code(
        "the node went beyond a limit",
        "A loop writes, allocates or starts without end, or a message is answered by ever more messages.",
        "Look for the loop that the finding names: what makes it stop?",
        "00",
    ),
    "did-not-start": Code(
        "the node ended before it answered init",
        "The program could not be started, or it failed before it read its first line.",
        "Mend the error that came, at the place that it names; to see it whole, start the node by hand.",
        "00",
    ),
    "bad-input": Code(
        "a malformed line stopped the node",
        "The line is parsed outside any try, so its error ends the loop that reads.",
        "Catch the error where the line is parsed, log it on stderr, and go on with the next line.",
        "00",
    ),
    "crashed": Code(
        "the node ended when it should have gone on",
        "An exception reached the top of the program, or it called exit.",
        "Mend the error that came, at the place that it names; --full shows more of its stderr.",
        "00",
    ),
    "missing-error": Code(
        "a request that can't be served must be answered with the error that is due",
        "Unknown types are skipped, or all errors are given the same code.",
        "Answer an unknown type with error 10, a request that lacks a field with error 12, and a proxy whose "
        "peer does not answer with error 0.",
        "00",
    ),
    "blocked": Code(
        "one request waited, and everybody behind it had to wait too",
        "The thread that reads runs the handler itself, or handlers share a lock, a worker or a queue.",
        HAND_OVER,
        "01",
    ),
    "not-flushed": Code(
        "the replies came only at the end of input",
        "Output stays in a buffer, or replies are kept to be sorted (by an id that clients may share, too).",
        FLUSH,
        "00",
    ),
    "lost-at-eof": Code(
        "the node ended with requests that it had read and not answered",
        "The main thread returns at end of input while handlers are still at work (daemon threads, tasks).",
        "At end of input, wait for every handler (join, gather) before the program ends.",
        "05",
    ),
    "no-reply": Code(
        "a request was never answered",
        "The handler fails or hangs, the message is lost on the way to it, or its reply is never written.",
        "Log to stderr when this request is read, handed over and answered: which line is missing?",
        "00",
    ),
    "hung-after-eof": Code(
        "everything was answered, but the process did not end",
        "The loop takes the end of input for an empty line, or a worker, task or timer was never told to stop.",
        "Let the loop end when the input does, tell each worker and timer to stop, and wait for them.",
        "05",
    ),
    "duplicate-reply": Code(
        "one request was answered twice",
        "Two paths of the code both answer: the handler and a fallback, a timeout and a late reply.",
        "Two places answer this request: once one has, the other must not. Is a return missing?",
        "05",
    ),
    "unasked-message": Code(
        "the node wrote a message that nothing asked for",
        "A message is answered that wants no answer (a reply, say), or something is sent again.",
        "Write replies, and once each what a proxy asks you to send; remarks go to stderr.",
        "00",
    ),
    "wrong-address": Code(
        "the message has the wrong src or dest",
        "src and dest are swapped the wrong way, fixed in the code, or taken from another message.",
        "Send a reply to the src of the request that it answers.",
        "00",
    ),
    "wrong-in-reply-to": Code(
        "in_reply_to does not name the request",
        "It is missing, or filled from a counter or from another request.",
        "Copy the msg_id of the request that you answer into in_reply_to, as it is.",
        "00",
    ),
    "cross-talk": Code(
        "the reply carries what belongs to another request",
        "Handlers share a variable that one overwrote, or who waits is looked up by a key that two can have.",
        "Keep what belongs to one request in local variables, or pass it as an argument.",
        "03",
    ),
    "wrong-type": Code(
        "the reply has another type than the request asks for",
        "A typing error in the type, or the request was not recognised.",
        "The good reply to a request of type x has the type x_ok: echo, echo_ok.",
        "00",
    ),
    "wrong-payload": Code(
        "the content came back changed",
        'The value becomes a string on the way, or is tested for truth (0, false and "" are values too).',
        "Hand on the very value that came in, whatever it is.",
        "00",
    ),
    "missing-msg-id": Code(
        "a message has no msg_id",
        "The counter is not used on this path.",
        "Give every message that the node writes the next number, in the one place that writes.",
        "00",
    ),
    "duplicate-msg-id": Code(
        "two messages have the same msg_id",
        "There are two counters, or two handlers read one before either has stored the next number.",
        "Keep one counter for all; take the number and add one in a single step (a lock, or one writer).",
        "03",
    ),
    "wrong-msg-id": Code(
        "the msg_id is not the number that is due",
        "The counter starts elsewhere, or numbers are given before the order of writing is known.",
        "Number what you write 0, 1, 2, … in that order: your own count, not the request's msg_id.",
        "07",
    ),
    "wrong-order": Code(
        "all replies are right, but not in the order that is asked for",
        "Each handler writes when it is done, so the fastest comes first; or messages are sorted by an id.",
        "Let handlers run as they like, but write the replies in the order in which requests were read.",
        "07",
    ),
    "before-init": Code(
        "something was written before init_ok",
        "A greeting is sent, or init is handled at the same time as the messages after it.",
        "Let init_ok be your first line; handle nothing else before it is written.",
        "03",
    ),
    "not-json": Code(
        "a line on stdout is no message",
        "A debug print, or an object printed as the language writes it instead of as JSON.",
        TO_STDERR,
        "00",
    ),
    "torn-line": Code(
        "two messages are mixed on one line",
        "Two threads write at the same time, or a message is written without its newline.",
        "Write message and newline in one call, and guard it by a lock or leave it to one writer.",
        "03",
    ),
    "left-processes": Code(
        "the node left processes behind",
        "A child process was started and not waited for.",
        "End and wait for every process that you start before the node itself ends.",
        "05",
    ),
    "data-race": Code(
        "two handlers touch shared state in an order that breaks the outcome",
        "Nothing keeps one handler out while another is between reading and writing.",
        "Guard the datum: one lock for it, held from the read to the write.",
        "03",
    ),
    "deadlock": Code(
        "everybody waits, and nobody can go on",
        "Two locks are taken in opposite order, or a lock is held while waiting for a message.",
        "Take locks in one fixed order, and hold none while you wait.",
        "03",
    ),
}

# A reply may be missing for any reason: what teaches it is what the case is about.
OF_THE_CASE = ("no-reply",)

# Of several findings that one event shows, the first of these leads; then those of the table, as listed.
# before-init and wrong-order outrank any fault of the single message that showed them.
LEADING = (
    "limit-exceeded",
    "did-not-start",
    "bad-input",
    "crashed",
    "missing-error",
    "blocked",
    "not-flushed",
    "lost-at-eof",
    "no-reply",
    "before-init",
    "wrong-order",
)
PRECEDENCE = {code: place for place, code in enumerate(dict.fromkeys((*LEADING, *CODES)))}


CauseKind = Literal["exception", "spelling", "shape", "newline", "schedule", "lock", "wait", "reading"]


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a finding came about, where that is known.

    `kind` says what the cause is: an exception that ended something, a misspelt key, a value of another type,
    a missing newline, a schedule of the explorer's, a lock, a wait, or a node that reads on instead of
    answering. `text` says it in words; `file` and `line` (from 1; None if unknown) are the node's own.
    """

    kind: CauseKind
    text: str
    file: str = ""
    line: int | None = None
    hint: str = ""  # what to do about it: a finding's own hint gives way to it
    lesson: str = ""
    in_every_schedule: bool = False  # of the explorer's: none that was tried passes
    woke_nobody: bool = False  # of a wait: nothing held the node up, its peer's reply did not find who waits


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong. `message` says it in words for a learner, naming the messages concerned.

    `hint` and `lesson` are those of the code, unless the check knows better what this one comes from.
    `at` is the number of the event that made it clear, `events` all that it concerns. `follows` marks what
    only follows from the leading finding. `late` marks what a busy machine, too, can bring about.
    """

    code: str
    message: str
    at: int
    events: tuple[int, ...] = ()
    expected: str = ""
    actual: str = ""
    hint: str = ""
    lesson: str = ""
    follows: bool = False
    late: bool = False
    others_went_on: bool = False  # of `blocked`: others were served meanwhile, so that who reads did not wait
    by_clock: bool = False  # of `no-reply`: the answer came, but only because time ran out
    stands: tuple[str, ...] = ()  # where the node's threads stood
    cause: Cause | None = None
    schedule: Any = None  # the record of a schedule that shows it, as JSON, where the explorer found it
