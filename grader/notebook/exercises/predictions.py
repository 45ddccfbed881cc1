"""Predictions: what a learner expects is stored before the run that shows it is allowed."""

_stored: dict[str, str] = {}  # of this kernel


def predict(name: str, expected: str | None) -> None:
    """Store what you expect, so that the run of this name may begin. None stores nothing."""
    if expected is None or not str(expected).strip():
        print('Nothing stored yet: write what you expect in place of None, in quotes, like "a".')
        return
    _stored[name] = str(expected).strip()
    print(f"Stored: {_stored[name]}. The next cell may run now.")


def predicted(name: str) -> bool:
    """Whether a prediction is stored; it is printed, so that it stands above what really happens."""
    if name in _stored:
        print(f"You expected: {_stored[name]}")
        return True
    print("Predict first: fill in the cell above and run it, then this one.")
    return False
