"""Cases: what a suite, a case and its steps are, and how they are read, renamed, selected and shown."""
