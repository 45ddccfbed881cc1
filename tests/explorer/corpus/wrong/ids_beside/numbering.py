class Numbering:
    """Numbers for messages: 0, 1, 2, …"""

    def __init__(self):
        self.following = 0

    def take(self):
        taken = self.following
        self.following = self._after(taken)
        return taken

    def _after(self, number):
        return number + 1
