"""A conversation with a node: its process, the script of a case, the transcript. Nothing here judges."""
