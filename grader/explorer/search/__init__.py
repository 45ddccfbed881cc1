"""The search: which schedules are run, in which processes, and how a failing one is made small."""
