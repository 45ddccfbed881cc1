"""Numbers for messages."""


def numbers(start=0):
    n = start
    while True:
        yield n
        n += 1
