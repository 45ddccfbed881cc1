"""The explorer: takes the scheduler's place in a Python node, tries its schedules, and shows one that fails.

Why an engine of our own, on greenlets, and none from the package index: what is there explores functions
that a test hands over as workers (frontrun 0.7, interleave-test 0.1) or asyncio alone (simloom 0.5). None
takes a whole program that reads stdin and starts its own threads and tasks, and frontrun, the nearest,
never claims to be complete under a bound of preemptions. Here all of a node's threads are greenlets in one
thread of the system, so that a fork keeps a run as it stands, and no beginning is run twice.
"""
