"""How many positions a model has to read to answer: what requests are admitted and batched by."""

import math

from tandem.serve import limits
from tandem.serve.problems import Problem
from tandem.serve.questions import Classify, Generate, Look, Nli, Question, Translate
from tandem.serve.served import Served


def checked_cost(served: Served, action: str, question: Question) -> int:
    """The positions that the answer takes.

    Raises:
        Problem: a text, or the whole of it, is too long.
    """
    sizes = [len(served.run.objective.tokenizer.encode(text)) for text in question.texts]
    if max(sizes) > limits.TEXT_TOKENS:
        raise Problem(
            413, f"{max(sizes)} tokens: a text may have at most {limits.TEXT_TOKENS}", fix="ask about a part of it"
        )
    cost = _positions(served, action, question, sum(sizes)) + 1
    if cost > limits.REQUEST_TOKENS:
        raise Problem(
            413,
            f"{sum(sizes)} tokens are too many for {action}: the model would have to read {cost} positions, "
            f"and at most {limits.REQUEST_TOKENS} are read for one request",
            fix="ask about a shorter text",
        )
    return cost


def _positions(served: Served, action: str, question: Question, tokens: int) -> int:
    is_masked = served.run.objective.asks == "masks"
    match question:
        case Classify(words=True) | Nli(words=True):
            return tokens * (1 + sum(len(text.split()) for text in question.texts))
        case Look(second=str()) if action == "influence":
            # Each word of both texts is left out, with each of the other's.
            return tokens * math.prod(1 + len(text.split()) for text in question.texts)
        case Generate():
            # A masked model reads its last positions again for each token.
            return tokens + question.tokens * (served.run.recipe.data.length if is_masked else 1)
        case Translate():
            # Each step goes on with `beam` texts.
            return tokens * (1 + question.beam)
    if action == "influence" or (action == "score" and is_masked):
        return tokens * tokens
    return tokens
