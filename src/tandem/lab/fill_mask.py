"""The likeliest words for the masks of a sentence."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import torch

from tandem.core.errors import UsageError
from tandem.data.rows import padded
from tandem.lab.framing import check_unicode
from tandem.nn.model import Model
from tandem.objectives.base import Objective

WRITTEN_MASK = re.compile(r"\[mask\]|<mask>", re.IGNORECASE)


@dataclass(frozen=True)
class Guess:
    """One token for one mask, and the probability the model gives it."""

    token: str
    probability: float


def fill_mask(
    model: Model, objective: Objective, text: str, *, top: int, length: int | None = None
) -> list[list[Guess]]:
    """For each mask of `text`, from left to right, the `top` likeliest tokens with their probabilities.

    A mask is written `[MASK]`, `[mask]` or `<mask>`. Special tokens are never proposed. Of a text of more than `length`
    tokens the beginning is read; None reads all of it.

    Raises:
        UsageError: the text holds no mask, `top` is less than 1, or the model has never seen a mask.
    """
    return fill_masks(model, objective, [text], top=top, length=length)[0]


@torch.no_grad()
def fill_masks(
    model: Model, objective: Objective, texts: Sequence[str], *, top: int, length: int | None = None
) -> list[list[list[Guess]]]:
    """The same for each of `texts`, which are read at once.

    Raises:
        UsageError: one of them holds no mask, `top` is less than 1, or the model has never seen a mask. DataError: one
            is no Unicode.
    """
    if not objective.hides:
        name = type(objective).__name__.lower()
        raise UsageError(f"a model trained for {name} fills no masks; train a task such as mlm")
    if top < 1:
        raise UsageError(f"top = {top}: at least 1")
    for text in texts:
        check_unicode(text)
    tokenizer = objective.tokenizer
    read = tokenizer.encode_many([WRITTEN_MASK.sub(tokenizer.mask_token, text) for text in texts])
    pieces = [objective.frame.around(ids[:length]) for ids in read]
    places = [_masks(objective, ids) for ids in pieces]
    for text, whole, found in zip(texts, read, places, strict=True):
        if not found:
            among = "" if length is None or len(whole) <= length else f" among its first {length} tokens"
            raise UsageError(f'"{text}" holds no mask{among}; write [MASK] where a word is to be guessed')
    rows = padded(pieces)
    model.eval()
    ids, mask = torch.from_numpy(rows.ids).to(model.device), torch.from_numpy(rows.mask).to(model.device)
    with model.encoder.seeing("both"):
        hidden = model.encoder(ids, mask)
    numbers = [row for row, found in enumerate(places) for _ in found]
    scores = model.head(hidden[numbers, [place for found in places for place in found]]).float()
    scores[:, tokenizer.special_ids] = -torch.inf
    best = scores.softmax(dim=-1).topk(min(top, tokenizer.size - len(tokenizer.special_ids)), dim=-1)
    guesses = (
        [Guess(tokenizer.token(i), p) for p, i in zip(probabilities, tokens, strict=True)]
        for probabilities, tokens in zip(best.values.tolist(), best.indices.tolist(), strict=True)
    )
    return [list(islice(guesses, len(found))) for found in places]


def _masks(objective: Objective, ids: list[int]) -> list[int]:
    """The positions whose hidden states tell the masks."""
    return [place - objective.lead for place, token in enumerate(ids) if token == objective.tokenizer.mask_id]
