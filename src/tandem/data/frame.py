"""What stands around a text that is alone in a sequence."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Frame:
    """The ids in front of a text and those behind it."""

    before: tuple[int, ...] = ()
    behind: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        """How many positions of a sequence are no text."""
        return len(self.before) + len(self.behind)

    def around(self, ids: list[int]) -> list[int]:
        """`ids` as the model reads them."""
        return [*self.before, *ids, *self.behind]


BARE = Frame()
"""Nothing stands around the text."""
