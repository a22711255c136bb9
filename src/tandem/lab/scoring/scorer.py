"""The log-probability of texts, of their words and of their tokens."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import torch

from tandem.core.errors import UsageError
from tandem.data.rows import padded
from tandem.lab.fill_mask import Guess
from tandem.lab.framing import check_unicode
from tandem.lab.scoring.questions import Question, checked_measure, questions
from tandem.lab.scoring.scored import Scored, Word
from tandem.lab.scoring.words import Span, word_spans, words_of_tokens
from tandem.nn.model import Model, in_float64
from tandem.nn.positions import end_of_positions
from tandem.objectives.base import Objective

POSITIONS_AT_ONCE = 2**13
SCORES_AT_ONCE = 2**23
"""64 MiB of float64."""
TEXTS_AT_ONCE = 256


@dataclass
class _Draft:
    """A text whose tokens are being told."""

    text: str
    ids: list[int]
    spans: list[Span]
    words: list[int]
    told: dict[int, float] = field(default_factory=dict)
    likeliest: dict[int, tuple[Guess, ...]] = field(default_factory=dict)


def score_text(model: Model, objective: Objective, text: str, *, measure: str | None = None, top: int = 0) -> Scored:
    """The log-probabilities of one text; see `Scorer`."""
    return next(Scorer(model, objective, measure=measure, top=top).score([text]))


class Scorer:
    """Asks `model` for log-probabilities by `measure`; the usual one of its objective where that is None.

    All is computed in float64, on a copy of a model that is in another precision. The softmax is over the whole
    vocabulary, as in training. `top` asks for so many of the likeliest tokens at each place.

    Raises:
        UsageError: the objective gives no token a probability, or not by this measure.
    """

    def __init__(self, model: Model, objective: Objective, *, measure: str | None = None, top: int = 0) -> None:
        if top < 0:
            raise UsageError(f"top = {top}: at least 0")
        self.measure = checked_measure(objective, measure)
        self.objective, self.tokenizer = objective, objective.tokenizer
        self.top = min(top, self.tokenizer.size)
        self.model = in_float64(model)

    def score(self, texts: Sequence[str], *, where: Callable[[int], str] = "text {}".format) -> Iterator[Scored]:
        """Each of `texts`, in their order; `where` names a text by its number, counted from 1, in an error.

        Raises:
            UsageError: a text is longer than the model's learned positions; none is scored then. DataError: one is not
                Unicode.
        """
        self._check(texts, where)
        for first in range(0, len(texts), TEXTS_AT_ONCE):
            drafts = [self._draft(text) for text in texts[first : first + TEXTS_AT_ONCE]]
            for asked in _batches(self._questions(sorted(drafts, key=lambda draft: len(draft.ids)))):
                self._answer(asked)
            yield from map(self._scored, drafts)

    def _check(self, texts: Sequence[str], where: Callable[[int], str]) -> None:
        longest = end_of_positions(self.model)
        if longest is None:
            return
        for number, text in enumerate(texts, start=1):
            # All questions about a text are equally long.
            _, question = next(self._questions([self._draft(text)]), (None, None))
            if question is not None and len(question.ids) > longest:
                needed = f"{where(number)}: {len(question.ids)} tokens"
                raise UsageError(f"{needed}, and this model's learned positions end at {longest}; shorten the text")

    def _draft(self, text: str) -> _Draft:
        check_unicode(text)
        ids, spans = self.tokenizer.encode_with_spans(text)
        return _Draft(text, ids, spans, words_of_tokens(text, spans))

    def _questions(self, drafts: Iterable[_Draft]) -> Iterator[tuple[_Draft, Question]]:
        for draft in drafts:
            for question in questions(self.objective, self.measure, draft.ids, draft.words):
                yield draft, question

    @torch.no_grad()
    def _answer(self, asked: list[tuple[_Draft, Question]]) -> None:
        rows = padded([question.ids for _, question in asked])
        device, length = self.model.device, rows.ids.shape[1]
        hidden = self.model.encoder(torch.from_numpy(rows.ids).to(device), torch.from_numpy(rows.mask).to(device))
        if self.objective.both_ways:
            # The first half of the units has read the text forwards.
            hidden = hidden.chunk(2, dim=-1)[0]
        wanted = [
            (draft, number, row * length + place)
            for row, (draft, question) in enumerate(asked)
            for place, number in zip(question.places, question.tokens, strict=True)
        ]
        at_once = max(1, SCORES_AT_ONCE // self.tokenizer.size)
        for first in range(0, len(wanted), at_once):
            some = wanted[first : first + at_once]
            chosen_ND = hidden.flatten(0, 1)[[place for _, _, place in some]]
            log_NV = self.model.head(chosen_ND).log_softmax(dim=-1)
            answers = torch.tensor([draft.ids[number] for draft, number, _ in some], device=device)
            values = log_NV.gather(1, answers[:, None])[:, 0].tolist()
            best = log_NV.topk(self.top, dim=-1)
            guesses = zip(best.indices.tolist(), best.values.exp().tolist(), strict=True)
            for (draft, number, _), value, (tokens, shares) in zip(some, values, guesses, strict=True):
                draft.told[number] = value
                draft.likeliest[number] = tuple(
                    Guess(self.tokenizer.token(token), share) for token, share in zip(tokens, shares, strict=True)
                )

    def _scored(self, draft: _Draft) -> Scored:
        numbers = range(len(draft.ids))
        return Scored(
            text=draft.text,
            measure=self.measure,
            tokens=tuple(map(self.tokenizer.token, draft.ids)),
            spans=tuple(draft.spans),
            log_probability=tuple(map(draft.told.get, numbers)),
            words=tuple(_words(draft)),
            # Summed without rounding on the way, so that an order of the same words has the same sum.
            total=math.fsum(draft.told.values()),
            likeliest=tuple(draft.likeliest.get(number, ()) for number in numbers),
        )


def _words(draft: _Draft) -> Iterator[Word]:
    last = 0
    for number, span in enumerate(word_spans(draft.text)):
        first = last
        while last < len(draft.words) and draft.words[last] == number:
            last += 1
        told = [draft.told[token] for token in range(first, last) if token in draft.told]
        yield Word(span, range(first, last), math.fsum(told))


def _batches(asked: Iterable[tuple[_Draft, Question]]) -> Iterator[list[tuple[_Draft, Question]]]:
    """As many questions together as fill `POSITIONS_AT_ONCE`, padding included; a longer one alone."""
    found: list[tuple[_Draft, Question]] = []
    longest = 0
    for one in asked:
        longest = max(longest, len(one[1].ids))
        if found and (len(found) + 1) * longest > POSITIONS_AT_ONCE:
            yield found
            found, longest = [], len(one[1].ids)
        found.append(one)
    if found:
        yield found
