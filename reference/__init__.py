"""The canonical concurrent node, three times: with threads and locks, with asyncio, with queues."""
