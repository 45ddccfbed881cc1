"""Who owes whom an answer while a case is recorded, and the names of the ids that the node chose. Pure."""

from typing import Any

from grader.protocol.json_values import dumps
from grader.protocol.messages import Message, is_reply

OpenRequest = tuple[Any, str]  # who asked or was asked, and the msg_id as JSON


class Account:
    """Requests of clients that are open, those of the node's that peers have to answer, and names of ids."""

    def __init__(self) -> None:
        self.node = ""  # its name, once init has given it one
        self.open: list[OpenRequest] = []
        self.asked: list[OpenRequest] = []  # of the node's, not answered so far
        self.names: dict[OpenRequest, str] = {}  # of all requests of the node's
        self.bindings: dict[str, Any] = {}  # the same the other way round: a name, and the id
        self.sent_ids: dict[Any, int] = {}  # of each client, the highest

    def say(self, message: Message) -> None:
        """This goes to the node."""
        body = message["body"]
        if body.get("type") == "init" and isinstance(body.get("node_id"), str):
            self.node = body["node_id"]
        if is_reply(message):
            answered = (message["src"], dumps(body["in_reply_to"]))
            if answered in self.asked:
                self.asked.remove(answered)
        elif "msg_id" in body:
            self.open.append((message["src"], dumps(body["msg_id"])))
            if isinstance(body["msg_id"], int):
                self.sent_ids[message["src"]] = max(self.sent_ids.get(message["src"], 0), body["msg_id"])

    def hear(self, message: Message) -> None:
        """This came from the node."""
        body = message["body"]
        if is_reply(message):
            answered = (message["dest"], dumps(body["in_reply_to"]))
            if answered in self.open:
                self.open.remove(answered)
            del self.asked[: len(self.asked) - len(self.open)]  # nobody waits for the oldest any more
        elif "msg_id" in body:
            request = (message["dest"], dumps(body["msg_id"]))
            self.asked.append(request)
            self.call(message, f"m{len(self.names) + 1}")

    def call(self, message: Message, name: str) -> None:
        """The id of this request of the node's has this name from now on."""
        number = message["body"]["msg_id"]
        self.names[message["dest"], dumps(number)] = name
        self.bindings[name] = number

    @property
    def is_due(self) -> bool:
        """Whether more requests are open than can be waiting for a peer."""
        return len(self.open) > len(self.asked)

    def asked_as(self, name: str) -> Any:
        """Who was asked by the request of this name."""
        return next((who for (who, _), known in self.names.items() if known == name), None)

    def asked_with(self, msg_id: Any) -> Any:
        """Who was asked by the request with this id."""
        return next((who for who, known in self.names if known == dumps(msg_id)), None)
