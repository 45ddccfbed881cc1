"""The diagnosis: from a failing run to its cause, the misconception behind it, and the words for both."""
