"""The likeliest tokens behind a text."""

import torch

from tandem.core.errors import UsageError
from tandem.lab.context import FromMasks, FromPrefix
from tandem.lab.fill_mask import WRITTEN_MASK, Guess
from tandem.lab.framing import check_unicode
from tandem.nn.model import Model
from tandem.objectives.base import Objective


@torch.no_grad()
def next_tokens(model: Model, objective: Objective, text: str, *, top: int) -> list[Guess]:
    """The `top` likeliest tokens behind `text`, likeliest first; special tokens are never proposed.

    A causal model is asked what comes next, a masked one what a mask behind the text hides. Of a text that is longer
    than the model bears the end is read.

    Raises:
        UsageError: the model tells no words, or `top` is less than 1. DataError: the text is no Unicode.
    """
    if not objective.hides and objective.asks != "next":
        raise UsageError("this model tells no words; train one by clm or mlm")
    if top < 1:
        raise UsageError(f"top = {top}: at least 1")
    check_unicode(text)
    tokenizer, length = objective.tokenizer, model.encoder.defaults.max_length
    model.eval()
    if objective.hides:
        ids = tokenizer.encode(WRITTEN_MASK.sub(tokenizer.mask_token, text))
        scores = FromMasks(model, frame=objective.frame, mask_id=tokenizer.mask_id, length=length).scores(ids)
    else:
        context, ids = FromPrefix(model, begin=tokenizer.cls_id, length=length), tokenizer.encode(text)
        # This text does not grow, so that all of it that has room can stay.
        scores = context.scores(ids if context.length is None else ids[max(0, len(ids) + 1 - context.length) :])
    scores[tokenizer.special_ids] = -torch.inf
    best = scores.softmax(dim=-1).topk(min(top, tokenizer.size - len(tokenizer.special_ids)))
    return [
        Guess(tokenizer.token(token), share)
        for share, token in zip(best.values.tolist(), best.indices.tolist(), strict=True)
    ]
