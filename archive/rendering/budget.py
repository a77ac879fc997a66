"""A limit on work that depends on the text alone, never on the clock or the machine.

Signals do not reach the threads of a web server and a clock would render the same story well today
and badly tomorrow. So every operation of the parser that can be slow says what it costs.
"""

# One step is about what Python needs to look at one character; two cores of a small server
# take a second for some ten million of them.
STEPS = 8_000_000
# Quotes in lists in quotes: people stop at three or four, hostile texts do not.
MAX_DEPTH = 40
# Tags written by hand. The sanitiser is quadratic in how deep they nest.
MAX_RAW_TAGS = 2_000


class TooMuchWorkError(Exception):
    """Rendering this text would cost more than a page may cost."""


class Budget:
    """What is left to spend on one text, its marks included."""

    __slots__ = ("depth", "raw_tags", "steps")

    def __init__(self) -> None:
        self.refill()

    def refill(self) -> None:
        """Start with a full purse."""
        self.steps = STEPS
        self.depth = 0
        self.raw_tags = 0

    def spend(self, steps: int) -> None:
        """Take `steps` off, or stop."""
        self.steps -= steps
        if self.steps < 0:
            raise TooMuchWorkError

    def descend(self) -> None:
        """Go one level deeper into nested blocks, or stop."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise TooMuchWorkError

    def count_raw_tag(self) -> None:
        """Note a tag written by hand, or stop."""
        self.raw_tags += 1
        if self.raw_tags > MAX_RAW_TAGS:
            raise TooMuchWorkError
