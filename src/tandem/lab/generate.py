"""Text from a model, token by token."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from tandem.core.choices import Asks
from tandem.core.errors import UsageError
from tandem.core.seeds import derive, uniform
from tandem.lab.context import Context, FromMasks, FromPrefix, StepByStep
from tandem.lab.folder import OpenRun
from tandem.lab.framing import check_unicode
from tandem.text.growing import GrowingText
from tandem.text.tokenizer import Tokenizer

INSTEAD: dict[Asks, str] = {"classes": "classify", "tags": "tag", "pair": "similarity", "translation": "translate"}
"""The command for a run that continues no text."""


@dataclass(frozen=True)
class Sampling:
    """How the next token is drawn: from the softmax of the scores divided by `temperature`, 0 for the likeliest.

    `top_k` keeps so many of the likeliest tokens; `top_p` the fewest whose probabilities reach that sum, after `top_k`
    (Holtzman et al. 2020). A draw is a function of `seed` and of how many tokens there are, and of nothing else.

    Raises:
        UsageError: a value outside its range.
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.temperature < float("inf"):
            raise UsageError(f"temperature = {self.temperature}: 0 (the likeliest token) or more")
        if self.top_k is not None and self.top_k < 1:
            raise UsageError(f"top_k = {self.top_k}: at least 1")
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise UsageError(f"top_p = {self.top_p}: above 0 and at most 1")

    def choose(self, scores: Tensor, place: int) -> int:
        """The token drawn by `scores` (V,) to stand at `place`."""
        if self.temperature == 0:
            return int(scores.argmax())
        # The likeliest becomes 0 before the division: any number by a temperature such as 1e-310 would be infinite.
        cooled = (scores.double() - scores.max().double()) / self.temperature
        # Equal scores keep the order of their ids, so that the draw does not depend on a sorting algorithm.
        ranked, tokens = cooled.sort(descending=True, stable=True)
        probabilities = ranked[: self.top_k].softmax(dim=-1)
        sums = probabilities.cumsum(dim=-1)
        if self.top_p is not None:
            # The token that crosses the bound is kept.
            kept = int((sums - probabilities < self.top_p).sum())
            sums = sums[:kept]
        drawn = uniform(derive(self.seed, "generate"), place).item() * sums[-1].item()
        return int(tokens[min(int(torch.searchsorted(sums, drawn, right=True)), len(sums) - 1)])


@dataclass(frozen=True)
class Ending:
    """How many tokens a continuation has, and why it has no more: enough of them, the model's end, or the `stop`."""

    tokens: int
    reason: Literal["tokens", "end", "stop"]


Pieces = Generator[str, None, Ending]
"""Pieces of text that belong one behind the other, and how they ended."""


def generate(
    run: OpenRun, prompt: str, *, tokens: int, sampling: Sampling, stop: str | None = None, cached: bool = True
) -> Pieces:
    """Continues `prompt` by up to `tokens` tokens, yielded as pieces of text; returns how it ended.

    Ends before that with the text `stop`, which is not yielded, or where a causal model ends its text. A causal model
    goes on from its state; with `cached` false it reads everything again for every token, and says the same. A masked
    model is asked for a mask behind the text, again and again.

    Raises:
        UsageError: the run's objective tells no words, a number is out of range, or the prompt holds no token that a
            masked model could begin with. DataError: the prompt is no Unicode.
    """
    if tokens < 1:
        raise UsageError(f"tokens = {tokens}: at least 1")
    check_unicode(prompt)
    tokenizer = run.objective.tokenizer
    context = _context(run, cached=cached)
    ids = tokenizer.encode(prompt)
    if isinstance(context, FromMasks) and not ids:
        raise UsageError(
            'a masked model continues a text: give it at least one word, as in tandem generate RUN "We must"'
        )
    return _pieces(context, tokenizer, ids, tokens, sampling, stop)


def _context(run: OpenRun, *, cached: bool) -> Context:
    tokenizer, length = run.objective.tokenizer, run.recipe.data.length
    run.model.eval()
    match run.objective.asks:
        case "next":
            return (StepByStep if cached else FromPrefix)(run.model, begin=tokenizer.cls_id, length=length)
        case "masks":
            return FromMasks(run.model, frame=run.objective.frame, mask_id=tokenizer.mask_id, length=length)
        case _:
            raise UsageError(
                f"{run.folder.path}: trained for {run.recipe.task}, which tells no words; ask it with "
                f"tandem {INSTEAD.get(run.objective.asks, 'evaluate')}, or train a task such as clm or mlm"
            )


@torch.no_grad()
def _pieces(
    context: Context, tokenizer: Tokenizer, ids: list[int], tokens: int, sampling: Sampling, stop: str | None
) -> Pieces:
    beginning, growing, held, unsure = len(ids), GrowingText(tokenizer, ids), "", ""
    for turn in range(tokens):
        scores = context.scores(ids)
        ending = tokenizer.sep_id if context.ends else None
        scores[[token for token in tokenizer.special_ids if token != ending]] = -torch.inf
        token = sampling.choose(scores, len(ids))
        if token != ending:
            ids.append(token)
            sure, unsure = growing.add(token)
            held += sure
        is_last = token == ending or turn + 1 == tokens
        found = (held + unsure).find(stop) if stop else -1
        if is_last or found >= 0:
            if rest := (held + unsure)[: found if found >= 0 else None]:
                yield rest
            return Ending(len(ids) - beginning, "stop" if found >= 0 else "end" if token == ending else "tokens")
        # What may be the beginning of `stop` waits for what comes next.
        waiting = next((size for size in range(len(stop or ""), 0, -1) if held.endswith((stop or "")[:size])), 0)
        if piece := held[: len(held) - waiting]:
            yield piece
            held = held[len(piece) :]
    raise AssertionError("the last turn returns")
