"""The wire protocol: messages, and JSON by value."""
