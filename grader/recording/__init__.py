"""Recording: a conversation with a node that is right becomes a case."""
