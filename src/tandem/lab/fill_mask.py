"""The likeliest words for the masks of a sentence."""

import re
from dataclasses import dataclass

import torch

from tandem.core.errors import UsageError
from tandem.data.rows import padded
from tandem.nn.model import Model
from tandem.objectives.base import Objective

WRITTEN_MASK = re.compile(r"\[mask\]|<mask>", re.IGNORECASE)


@dataclass(frozen=True)
class Guess:
    """One token for one mask, and the probability the model gives it."""

    token: str
    probability: float


@torch.no_grad()
def fill_mask(model: Model, objective: Objective, text: str, *, top: int) -> list[list[Guess]]:
    """For each mask of `text`, from left to right, the `top` likeliest tokens with their probabilities.

    A mask is written `[MASK]`, `[mask]` or `<mask>`. Special tokens are never proposed.

    Raises:
        UsageError: the text holds no mask, `top` is less than 1, or the model has never seen a mask.
    """
    if not objective.hides:
        name = type(objective).__name__.lower()
        raise UsageError(f"a model trained for {name} fills no masks; train a task such as mlm")
    if top < 1:
        raise UsageError(f"top = {top}: at least 1")
    tokenizer = objective.tokenizer
    ids = tokenizer.encode(WRITTEN_MASK.sub(tokenizer.mask_token, text))
    ids = objective.frame.around(ids)
    places = [place - objective.lead for place, token in enumerate(ids) if token == tokenizer.mask_id]
    if not places:
        raise UsageError(f'"{text}" holds no mask; write [MASK] where a word is to be guessed')
    rows = padded([ids])
    model.eval()
    read, mask = torch.from_numpy(rows.ids).to(model.device), torch.from_numpy(rows.mask).to(model.device)
    with model.encoder.seeing("both"):
        hidden = model.encoder(read, mask)
    scores = model.head(hidden[0, places]).float()
    scores[:, tokenizer.special_ids] = -torch.inf
    best = scores.softmax(dim=-1).topk(min(top, tokenizer.size - len(tokenizer.special_ids)), dim=-1)
    return [
        [Guess(tokenizer.token(i), p) for p, i in zip(probabilities, tokens, strict=True)]
        for probabilities, tokens in zip(best.values.tolist(), best.indices.tolist(), strict=True)
    ]
