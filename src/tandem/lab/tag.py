"""Tags for the words of a free text, and the names that they mark."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from tandem.core.errors import UsageError
from tandem.data.rows import Rows, padded
from tandem.data.word_starts import word_starts
from tandem.lab.framing import check_unicode
from tandem.metrics.spans import spans
from tandem.nn.model import Model
from tandem.objectives.base import Objective
from tandem.objectives.tag import Tag
from tandem.text.words import word_spans
from tandem.train.carried import hidden_states


@dataclass(frozen=True)
class Word:
    """A word at (start, end) characters, its tag, and the probability of that.

    Tag and probability are None for a word that the tokenizer drops.
    """

    text: str
    start: int
    end: int
    tag: str | None = None
    probability: float | None = None


@dataclass(frozen=True)
class Entity:
    """A name at (start, end) characters, its type, and the smallest of the probabilities of its words' tags."""

    type: str
    text: str
    start: int
    end: int
    probability: float


@dataclass(frozen=True)
class TaggedText:
    """A text with its words, and in how many pieces it was read; `entities` is None where the tags mark no names."""

    text: str
    pieces: int
    words: list[Word]
    entities: list[Entity] | None


def tag(model: Model, objective: Objective, text: str, *, length: int | None = None) -> TaggedText:
    """The words of `text` with their likeliest tags; a text without words has none.

    A text of more than `length` positions is read in pieces of whole words, each by itself; None reads it at once.

    Raises:
        UsageError: the model was trained for something else. DataError: the text is not Unicode.
    """
    if not isinstance(objective, Tag):
        name = type(objective).__name__.lower()
        raise UsageError(f"a model trained for {name} tags no words; train the task tag, as recipes/ewt-tag.toml does")
    check_unicode(text)
    places = word_spans(text)
    words = [text[start:end] for start, end in places]
    ids, token_spans = objective.tokenizer.encode_with_spans(" ".join(words))
    starts = word_starts(words, token_spans)
    heard = np.flatnonzero(starts >= 0)
    room = max(1, len(ids) if length is None else length - objective.frame.size)
    pieces = list(_pieces(starts[heard], len(ids), room))
    told = [answer for piece in pieces for answer in _told(model, objective, ids, starts[heard], *piece)]
    answers = dict(zip(heard.tolist(), told, strict=True))
    found = [Word(word, *place, *answers.get(n, ())) for n, (word, place) in enumerate(zip(words, places, strict=True))]
    return TaggedText(text, len(pieces), found, _entities(text, found) if objective.marks_spans else None)


@torch.no_grad()
def _told(
    model: Model, objective: Tag, ids: list[int], firsts: NDArray[np.int64], start: int, end: int
) -> list[tuple[str, float]]:
    """Tag and probability of each word that begins at one of the tokens `firsts` between `start` and `end`."""
    rows = padded([objective.frame.around(ids[start:end])])
    tags = np.full_like(rows.ids, -1)
    tags[0, firsts[(firsts >= start) & (firsts < end)] - start + len(objective.frame.before)] = 0
    batch = objective.collate(Rows(rows.ids, rows.mask, rows.sequences, tags=tags), key=0).to(model.device)
    model.eval()
    scores = objective.tag_scores(model.head, hidden_states(model, batch, None), batch)
    best = scores.softmax(dim=-1).max(dim=-1)
    names = [objective.labels[number] for number in best.indices.tolist()]
    return list(zip(names, best.values.tolist(), strict=True))


def _pieces(firsts: NDArray[np.int64], count: int, length: int) -> Iterator[tuple[int, int]]:
    """The (start, end) tokens of as many whole words as `length` tokens hold; of a longer word, its first tokens."""
    ends, word = np.append(firsts[1:], count), 0
    while word < len(firsts):
        start = int(firsts[word])
        following = max(word + 1, int(np.searchsorted(ends, start + length, side="right")))
        yield start, min(int(ends[following - 1]), start + length)
        word = following


def _entities(text: str, words: list[Word]) -> list[Entity]:
    heard = [word for word in words if word.tag is not None]
    found = []
    for span in spans(word.tag or "" for word in heard):
        inside = heard[span.start : span.end]
        start, end = inside[0].start, inside[-1].end
        found.append(Entity(span.type, text[start:end], start, end, min(word.probability or 0.0 for word in inside)))
    return found
