"""Findings: one thing wrong with a node; and the table of all codes, with what each usually comes from."""

from dataclasses import dataclass
from typing import Any


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
        "A loop writes without end, or a message is answered by ever more messages.",
        "Look for the loop that writes: what makes it stop?",
        "00",
    ),
    "did-not-start": Code(
        "the node ended before it answered init",
        "The program could not be started, or it failed before it read its first line.",
        "Start it by hand with its usual command; the first error that it prints is the one to mend.",
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
        "Read the end of its stderr below: the last line names the error, the line above it the place.",
        "00",
    ),
    "missing-error": Code(
        "a request that can't be served must be answered with an error",
        "Unknown types are skipped, or all errors are given the same code.",
        "Answer an unknown type with error 10, and a request that lacks a field with error 12.",
        "00",
    ),
    "blocked": Code(
        "one request waited, and everybody behind it had to wait too",
        "The thread that reads runs the handler itself, or all handlers share one lock or one worker.",
        "Let the main thread only read and hand over; run each handler where it may wait alone.",
        "01",
    ),
    "not-flushed": Code(
        "the replies came only at the end of input",
        "Output stays in a buffer, or replies are collected (to sort them, say) until the input ends.",
        "Write each reply when it is ready, and flush: print(…, flush=True).",
        "07",
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
        "Send the node just this request (grader cases show … --input) and follow it through your code.",
        "00",
    ),
    "hung-after-eof": Code(
        "everything was answered, but the process did not end",
        "A worker thread or a task still waits for messages that can't come any more.",
        "At end of input tell each worker to stop, then join it; exit status 0 is the goal.",
        "05",
    ),
    "duplicate-reply": Code(
        "one request was answered twice",
        "Two paths of the code both answer: the handler and a fallback, a timeout and a late reply.",
        "Find the two places that write this reply, and let only one of them win.",
        "05",
    ),
    "unasked-message": Code(
        "the node wrote a message that nothing asked for",
        "A message is answered that wants no answer (a reply, say), or something is sent again.",
        "Only a message with a msg_id and without in_reply_to wants an answer.",
        "00",
    ),
    "wrong-address": Code(
        "the message has the wrong src or dest",
        "src and dest are swapped the wrong way, fixed in the code, or taken from another message.",
        "A reply goes from the node (its id comes with init) to the src of the request.",
        "00",
    ),
    "wrong-in-reply-to": Code(
        "in_reply_to does not name the request",
        "It is missing, or filled from a counter instead of from the request.",
        "Copy the request's msg_id into the reply's in_reply_to.",
        "00",
    ),
    "cross-talk": Code(
        "the reply carries what belongs to another request",
        "Handlers share a variable (the current message, a reply under construction), and one overwrote it.",
        "Keep what belongs to one request in local variables, or pass it as an argument.",
        "03",
    ),
    "wrong-type": Code(
        "the reply has another type than the request asks for",
        "A typing error in the type, or the request was not recognised.",
        "The reply to a request of type x has the type x_ok.",
        "00",
    ),
    "wrong-payload": Code(
        "the content came back changed",
        'The value goes through str(), or is tested for truth (0, false and "" are values too).',
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
        "Two handlers read the counter before either has stored the next number.",
        "Take the number and add one in a single step: under one lock, or in the one thread that writes.",
        "03",
    ),
    "wrong-msg-id": Code(
        "the msg_id is not the number that is due",
        "The counter starts elsewhere, or numbers are given before the order of writing is known.",
        "Number the messages 0, 1, 2, … in the order in which they are written.",
        "07",
    ),
    "wrong-order": Code(
        "all replies are right, but not in the order that is asked for",
        "Handlers run at the same time and each writes when it is done, so the fastest comes first.",
        "Let handlers run as they like, but write the replies in the order in which requests were read.",
        "07",
    ),
    "before-init": Code(
        "something was written before init_ok",
        "init is handled concurrently with the messages after it.",
        "Answer init before the next message is handed to anybody.",
        "03",
    ),
    "not-json": Code(
        "a line on stdout is no message",
        "A debug print, or a dict printed as Python writes it instead of as JSON.",
        "Stdout is for messages only: print what you want to see to stderr (file=sys.stderr).",
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

# Of several findings that one event shows, the first of these leads; then those of the table, as listed.
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


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong. `message` says it in words for a learner, naming the messages concerned.

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
    stands: tuple[str, ...] = ()  # where the node's threads stood
    schedule: Any = None  # the record of a schedule that shows it, as JSON, where the explorer found it

    def as_json(self) -> dict[str, Any]:
        """The finding as section 8 of the design writes it."""
        stands = "".join(f"\n{line}" for line in self.stands)
        return {
            "code": self.code,
            "message": self.message + stands,
            "expected": self.expected,
            "actual": self.actual,
            "hint": self.hint,
            "lesson": self.lesson,
            "events": list(self.events),
            "follows": self.follows,
            "schedule": self.schedule,
        }
