"""Answers to the pairs of a file, some of which have a text without a word and get none."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from tandem.lab.text_pairs import TextPair

Said = TypeVar("Said")


def beside_gaps(
    pairs: Iterable[TextPair],
    tell: Callable[[Iterator[TextPair]], Iterable[Said]],
    *,
    encode: Callable[[list[str]], list[list[int]]],
) -> Iterator[tuple[TextPair, Said | None]]:
    """Each of `pairs` with what `tell` says about it, in their order and streamed; None where a text has no word.

    `encode` gives the ids of each of some texts.
    """
    waiting: deque[tuple[TextPair, bool]] = deque()

    def heard() -> Iterator[TextPair]:
        for pair in pairs:
            has_words = all(encode([pair.first, pair.second]))
            waiting.append((pair, has_words))
            if has_words:
                yield pair

    for said in tell(heard()):
        while not waiting[0][1]:
            yield waiting.popleft()[0], None
        yield waiting.popleft()[0], said
    yield from ((pair, None) for pair, _ in waiting)
