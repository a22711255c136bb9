"""What a model would say to a sentence, in the way of its objective: the words behind a sample while it trains."""

import torch

from tandem.data.rows import padded
from tandem.lab.fill_mask import Guess, fill_mask
from tandem.lab.tag import tag
from tandem.nn.model import Model
from tandem.objectives.base import Objective


def answers(model: Model, objective: Objective, text: str, *, top: int) -> list[list[Guess]]:
    """The `top` likeliest answers to each question that `text` asks: one for each mask, or one for the next token.

    Where words are tagged there is one answer: every word with its tag.

    Raises:
        UsageError: the objective fills masks, and the text holds none.
    """
    match objective.asks:
        case "masks":
            return fill_mask(model, objective, text, top=top)
        case "next":
            return [_next_token(model, objective, text, top)]
        case "classes":
            return [_classes(model, objective, text, top)]
        case "tags":
            return [_tags(model, objective, text)]
        case _:
            return []


@torch.no_grad()
def _classes(model: Model, objective: Objective, text: str, top: int) -> list[Guess]:
    rows = padded([objective.tokenizer.encode(text)])
    batch = objective.collate(rows, key=0).to(model.device)
    model.eval()
    probabilities = model.head(model.encoder(batch.ids, batch.mask), batch.mask).float().softmax(dim=-1)[0]
    best = probabilities.topk(min(top, len(objective.labels)))
    pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
    return [Guess(objective.labels[number], probability) for number, probability in pairs]


@torch.no_grad()
def _next_token(model: Model, objective: Objective, text: str, top: int) -> list[Guess]:
    tokenizer = objective.tokenizer
    rows = padded([[tokenizer.cls_id, *tokenizer.encode(text)]])
    model.eval()
    hidden = model.encoder(torch.from_numpy(rows.ids).to(model.device), torch.from_numpy(rows.mask).to(model.device))
    best = model.head(hidden[:, -1]).float().softmax(dim=-1)[0].topk(min(top, tokenizer.size))
    pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
    return [Guess(tokenizer.token(token), probability) for token, probability in pairs]


def _tags(model: Model, objective: Objective, text: str) -> list[Guess]:
    words = tag(model, objective, text).words
    return [Guess(f"{word.text}/{word.tag or '-'}", word.probability or 0.0) for word in words]
