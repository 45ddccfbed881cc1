"""Hints in the words of the language that a node is written in; where it isn't known, in those of none."""

FLUSH = "Write each reply when it is ready, and flush it."
TO_STDERR = "Stdout is for messages only: print what you want to see to stderr."
HAND_OVER = "Let the main thread only read and hand over; who waits holds no lock, and keeps no reply back."
BY_LIBRARY = "Let your JSON library write each message, whole and on one line."

NOT_KEPT = "The node_id that init gives is not kept where messages are made: there it is nothing still."

NOT_KEPT_AT_INIT = (
    "The node_id that init gives is nothing still where init_ok is made: keep it first, where all that is made "
    "finds it, and only then answer."
)

WHO_ENDED_IT = "No error came: what calls exit, and can the loop that reads end before the input does?"

GIVE_UP = "Without a reply from the peer, answer error 0 after 1 s: does your wait have that timeout?"

TOO_SOON = (
    "The wait is over at once: is it called, with its parentheses? Is the reply there before it is woken? Has "
    "each request an event or a box of its own (what stands in a class body is one for all)?"
)

BY_NUMBER = "Find who waits by the reply's in_reply_to, your own msg_id; keep all else in local variables."

_SAID_IN: dict[str, dict[str, str]] = {
    FLUSH: {
        "python": "Write each reply when it is ready, and flush it: print(…, flush=True).",
        "java": "Write each reply when it is ready, and flush it: System.out.flush().",
        "c": "Write each reply when it is ready, and flush it: fflush(stdout).",
        "go": "Write each reply when it is ready, and call Flush if it goes through a bufio.Writer.",
        "ruby": "Write each reply when it is ready, and flush it: $stdout.sync = true at the start.",
        "perl": "Write each reply when it is ready, and flush it: $| = 1 at the start.",
    },
    TO_STDERR: {
        "python": "Stdout is for messages only: print what you want to see to stderr (file=sys.stderr).",
        "javascript": "Stdout is for messages only: what you want to see goes to stderr (console.error).",
        "java": "Stdout is for messages only: print what you want to see to System.err.",
        "go": "Stdout is for messages only: print what you want to see to os.Stderr.",
        "ruby": "Stdout is for messages only: write what you want to see to stderr (warn).",
        "perl": "Stdout is for messages only: print what you want to see to STDERR.",
    },
    NOT_KEPT: {
        "python": "The name is still what it was at the start where the message is made: a function that gives "
        "it its value must say global node_id first (or self.node_id = …), or it is a name of its own.",
    },
    NOT_KEPT_AT_INIT: {
        "python": "The name is still what it was at the start where init_ok is made: set it first, and only "
        "then make the reply. A function that gives it its value must say global node_id (or "
        "self.node_id = …), or it is a name of its own.",
    },
    WHO_ENDED_IT: {
        "python": "No error came: what calls exit, and can the loop that reads end before the input does? "
        "Where asyncio has stdin, sys.stdin.readline() gives '' at once: await reader.readline().",
    },
    HAND_OVER: {
        "javascript": "Let what reads only read and hand over: a loop that awaits each handler (await "
        "handle(message)) reads no reply meanwhile. Call it without await, and catch what it throws.",
    },
    GIVE_UP: {
        "python": "Without a reply from the peer, answer error 0 after 1 s. Has your wait that timeout (a "
        "Timer: is it started)? What does it raise when time is up (queue.Empty, TimeoutError), and is just "
        "that caught?",
        "javascript": "Without a reply from the peer, answer error 0 after 1 s: does your wait have that "
        "timeout (setTimeout counts in ms)?",
    },
    TOO_SOON: {
        "javascript": "The wait is over at once: setTimeout counts in ms; setTimeout(f(), 1000) calls f there "
        "and then, setTimeout(() => f(), 1000) when time is up. Is the reply there before who waits is woken? "
        "Has each request a promise of its own?",
        "python": "The wait is over at once: is it called, with its parentheses (Timer(1, f()) calls f there "
        "and then)? Is the reply there before it is woken, and does who is woken look whether it is its own? "
        "Has each request an event, a box and a time of its own? What stands in a class body, or as the "
        "default of a parameter, is made once, for all.",
    },
    BY_NUMBER: {
        "python": "Find who waits by the reply's in_reply_to, your own msg_id; keep all else in local "
        "variables. A default value (box=Queue()) is not local: it is made once, for all calls.",
    },
    BY_LIBRARY: {
        "python": "Let the JSON library write each message, whole and on one line: print(json.dumps(message)).",
        "javascript": "Let JSON.stringify write each message, whole and on one line.",
    },
}


def said_in(language: str, hint: str) -> str:
    """The hint as it is said to somebody who writes in this language."""
    return _SAID_IN.get(hint, {}).get(language, hint)
