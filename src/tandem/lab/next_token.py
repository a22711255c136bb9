"""The likeliest tokens behind a text."""

import torch

from tandem.core.errors import UsageError
from tandem.lab.context import FromPrefix
from tandem.lab.fill_mask import Guess, fill_mask
from tandem.lab.folder import OpenRun


@torch.no_grad()
def next_tokens(run: OpenRun, text: str, *, top: int) -> list[Guess]:
    """The `top` likeliest tokens behind `text`, likeliest first; special tokens are never proposed.

    A causal model is asked what comes next, a masked one what a mask behind the text hides.

    Raises:
        UsageError: the run tells no words, or `top` is less than 1.
    """
    if run.objective.hides:
        return fill_mask(run.model, run.objective, f"{text} [MASK]", top=top)[-1]
    if run.objective.asks != "next":
        raise UsageError(f"{run.folder.path}: trained for {run.recipe.task}, which tells no words; train clm or mlm")
    if top < 1:
        raise UsageError(f"top = {top}: at least 1")
    tokenizer = run.objective.tokenizer
    context = FromPrefix(run.model.eval(), begin=tokenizer.cls_id, length=run.recipe.data.length)
    scores = context.scores(tokenizer.encode(text))
    scores[tokenizer.special_ids] = -torch.inf
    best = scores.softmax(dim=-1).topk(min(top, tokenizer.size - len(tokenizer.special_ids)))
    return [
        Guess(tokenizer.token(token), share)
        for share, token in zip(best.values.tolist(), best.indices.tolist(), strict=True)
    ]
