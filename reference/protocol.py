"""What the three nodes share: messages, error codes, lines in and out, the registry of handlers.

Nothing in here knows of threads, tasks or queues: how a node does many things at once is what the
three versions differ in, and stands there.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
from collections.abc import Callable
from enum import IntEnum
from typing import Any, Generic, NoReturn, NotRequired, TypeAlias, TypedDict, TypeVar

RPC_TIMEOUT_S = 1.0  # how long a handler waits for a peer's reply
CHUNK = 65536  # bytes read at once: what a pipe holds
MAX_CHUNKS = 16  # read and not answered yet: some 10,000 small messages

Body: TypeAlias = dict[str, Any]  # "type", "msg_id" or "in_reply_to", and what the type needs


class Message(TypedDict):
    """One line of the wire protocol, and what this node still owes for it."""

    src: str
    dest: str
    body: Body
    owed: NotRequired[tuple[str, int | None]]  # an answer: to whom, and to which `msg_id`


class ErrorCode(IntEnum):
    """The codes that an error's body may carry."""

    TIMEOUT = 0
    NODE_NOT_FOUND = 1
    NOT_SUPPORTED = 10
    TEMPORARILY_UNAVAILABLE = 11
    MALFORMED_REQUEST = 12
    CRASH = 13
    ABORT = 14
    KEY_DOES_NOT_EXIST = 20
    KEY_ALREADY_EXISTS = 21
    PRECONDITION_FAILED = 22
    TRANSACTION_CONFLICT = 30


class RPCError(Exception):
    """Raise it in a handler to answer the request with an error of this code and text."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{text} (error {int(code)})")
        self.code = int(code)
        self.text = str(text)


def error_body(error: BaseException) -> Body:
    """The body that answers a request whose handler raised `error`.

    An error that the handler didn't mean to raise is a crash: its traceback goes to stderr.
    """
    if isinstance(error, RPCError):
        return {"type": "error", "code": error.code, "text": error.text}
    import traceback  # it takes its time to load, and a right node never needs it

    lines = traceback.format_exception(error)
    log("".join(lines))
    return {"type": "error", "code": int(ErrorCode.CRASH), "text": lines[-1].strip()}


def log(text: str) -> None:
    """Write `text` on stderr, in one go, so that what two threads log isn't mixed."""
    with contextlib.suppress(OSError):  # that nobody listens is no reason to stop working
        os.write(2, (text.rstrip() + "\n").encode(errors="backslashreplace"))


def result(reply: Body | None, dest: str) -> Body:
    """The body of the reply that has come from `dest`, an error or not; raises RPCError if none has."""
    if reply is None:
        raise RPCError(ErrorCode.TIMEOUT, f"no reply from {dest}")
    return reply


# Messages in


def refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")  # though Python's json would take it


decode = json.JSONDecoder(parse_constant=refuse).raw_decode


def read() -> bytes:
    """The next bytes of stdin, waiting for them if need be; none at the end of input."""
    while True:
        try:
            return os.read(0, CHUNK)
        except BlockingIOError:  # whoever gave us this stdin has set it so
            select.select([0], [], [])
        except OSError:  # a terminal that was closed
            return b""


class Lines:
    """Puts lines together from the pieces in which they are read."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []  # of the line whose end hasn't come yet
        self.size = 0  # bytes read; who pauses for them begins anew

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that end in this chunk."""
        self.size += len(chunk)
        *lines, rest = chunk.split(b"\n")
        if lines:
            lines[0] = b"".join(self.pieces) + lines[0]
            self.pieces.clear()
        self.pieces.append(rest)
        return lines

    def rest(self) -> bytes:
        """What stands behind the last newline: a line too, once the input has ended."""
        return b"".join(self.pieces)


def is_id(value: object) -> bool:
    """Is it an integer, as JSON sees it? There 3.0 is one, and true is not 1."""
    return type(value) is int or (type(value) is float and value.is_integer())


def parse(line: bytes) -> Message | None:
    """The message on this line, or None, and a line on stderr, if there is none to be served."""
    try:
        text = line.strip(b" \t\r").decode()
        message, end = decode(text)
        if end < len(text):
            raise ValueError("more than one JSON value")
        src, body = message["src"], message["body"]
        if type(src) is not str or type(body) is not dict:
            raise TypeError("src must be a string, body an object")
        if not is_id(body["in_reply_to"] if "in_reply_to" in body else body["msg_id"]):
            raise TypeError("msg_id and in_reply_to must be integers")
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        if line.strip():
            log(f"ignored {line[:100]!r}: {type(error).__name__}: {error}".replace("\n", " "))
        return None
    return {"src": src, "dest": message.get("dest"), "body": body, "owed": (src, body.get("msg_id"))}


# Messages out

encode = json.JSONEncoder(allow_nan=False, check_circular=False).encode


def draft(src: str, dest: str, in_reply_to: int | None, body: Body) -> str:
    """The message as JSON, up to its `msg_id`, which comes last: `finish` adds it.

    So the costly part of writing, and all that can go wrong in it, is done by the handler that
    says it, and only the number must wait until it is this message's turn to be written.
    """
    body = dict(body)
    body.pop("msg_id", None)
    if in_reply_to is not None:
        body["in_reply_to"] = in_reply_to
    body["msg_id"] = 0
    return encode({"src": src, "dest": dest, "body": body})[: -len("0}}")]


def finish(text: str, number: int) -> str:
    """The whole line of a message that was drafted, with its number."""
    return f"{text}{number}}}}}\n"


def write(data: bytes | bytearray | memoryview) -> int:
    """Write to stdout as much as it takes at once, at least one byte; say how many bytes it was.

    Where stdout is gone, there is nothing left to do: the process ends, with status 1.
    """
    while True:
        try:
            return os.write(1, data)
        except BlockingIOError:
            select.select([], [1], [])
        except BrokenPipeError:
            os._exit(1)
        except OSError as error:
            log(f"can't write to stdout: {error}")
            os._exit(1)


def write_all(lines: str) -> None:
    """Write these lines to stdout, waiting for as long as its reader takes."""
    data = memoryview(lines.encode())
    while data:
        data = data[write(data) :]


# Handlers

Handler = TypeVar("Handler", bound=Callable[[Message], Any])


class Registry(Generic[Handler]):
    """The handlers by the type of message that they serve, and who this node is."""

    def __init__(self) -> None:
        self.id = ""  # this node's, once `init` has told
        self.node_ids: list[str] = []  # of all nodes
        self.handlers: dict[str, tuple[Handler, tuple[str, ...]]] = {}

    def on(self, kind: str, *fields: str) -> Callable[[Handler], Handler]:
        """Make the function below serve the requests of type `kind`, which need these fields.

        It is called with the message. If it raises RPCError, that is the answer; if it raises
        anything else, the answer is error 13. A request without the fields gets error 12.
        """

        def register(handler: Handler) -> Handler:
            self.handlers[kind] = handler, fields
            return handler

        return register

    def find(self, message: Message) -> Handler:
        """The handler for this request; raises RPCError if there can't be one."""
        body = message["body"]
        kind = body.get("type")
        if type(kind) is not str:
            raise RPCError(ErrorCode.MALFORMED_REQUEST, "a body needs a type")
        if kind not in self.handlers:
            if kind == "init":
                raise RPCError(ErrorCode.PRECONDITION_FAILED, f"this is {self.id} already")
            raise RPCError(ErrorCode.NOT_SUPPORTED, f"not supported: {kind}")
        handler, fields = self.handlers[kind]
        for field in fields:
            if field not in body:
                raise RPCError(ErrorCode.MALFORMED_REQUEST, f"{kind} needs {field}")
        return handler

    def learn_name(self, message: Message) -> bool:
        """Take this node's name from the message if it is `init`; say whether it was."""
        body = message["body"]
        name, names = body.get("node_id"), body.get("node_ids")
        if body.get("type") != "init" or type(name) is not str or type(names) is not list:
            log(f"ignored a message of {message['src']!r}: first comes init, with all its fields")
            return False
        self.id, self.node_ids = name, names
        return True

    def reply(self, message: Message, body: Body) -> None:
        """Answer this request, once: each of the three nodes in its own way."""
        raise NotImplementedError

    def draft_reply(self, message: Message, body: Body) -> str:
        """The line that answers this request, up to its number; from now on it counts as answered."""
        text = draft(self.id, *message.get("owed", ("", 0)), body)
        if not message.pop("owed", None):  # one step: of two threads that answer only one does
            raise RuntimeError("this request has been answered")
        return text

    def reply_error(self, message: Message, error: BaseException) -> None:
        """Answer this request with the error that its handler raised."""
        body = error_body(error)
        with contextlib.suppress(RuntimeError):  # answered, maybe just now by a thread of the handler's own
            self.reply(message, body)

    def check_proxy(self, body: Body) -> None:
        """Raise RPCError unless a `proxy` of this body can be carried out."""
        target, inner = body["target"], body["inner"]
        if type(target) is not str or type(inner) is not dict:
            raise RPCError(ErrorCode.MALFORMED_REQUEST, "proxy needs a name and an object")
        if target not in self.node_ids:
            raise RPCError(ErrorCode.NODE_NOT_FOUND, f"no such node: {target}")


def end_on_ctrl_c() -> None:
    """Let Ctrl-C end the process at once, without a traceback."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
