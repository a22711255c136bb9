"""How many positions a model has to read to answer: what requests are admitted and batched by."""

import math

from tandem.lab.fill_mask import WRITTEN_MASK
from tandem.serve import limits
from tandem.serve.problems import Problem
from tandem.serve.questions import Classify, FillMask, Generate, Look, Nli, Question, Translate
from tandem.serve.served import Served

A_MASK = 16
"""Positions that a mask is counted as, beside one for each guess: it is scored for the whole vocabulary."""


def checked_cost(served: Served, action: str, question: Question) -> int:
    """The positions that the answer takes.

    Raises:
        Problem: a text, the whole of it, or the answer is too long.
    """
    sizes = [len(served.run.objective.tokenizer.encode(text)) for text in question.texts]
    if max(sizes) > limits.TEXT_TOKENS:
        raise Problem(
            413, f"{max(sizes)} tokens: a text may have at most {limits.TEXT_TOKENS}", fix="ask about a part of it"
        )
    if action == "attention":
        return sum(sizes) + 1 + _numbers(served, sum(sizes)) // limits.NUMBERS_A_POSITION
    cost = _positions(served, action, question, sum(sizes)) + 1
    if cost > limits.REQUEST_TOKENS:
        raise Problem(
            413,
            f"{sum(sizes)} tokens are too many for {action}: the model would have to read {cost} positions, "
            f"and at most {limits.REQUEST_TOKENS} are read for one request",
            fix="ask about a shorter text",
        )
    return cost


def _numbers(served: Served, tokens: int) -> int:
    """The weights of all heads, between all tokens.

    Raises:
        Problem: they are too many for an answer.
    """
    length = tokens + served.run.objective.frame.size
    numbers = served.attention_heads * length**2
    if numbers > limits.REPLY_NUMBERS:
        most = math.isqrt(limits.REPLY_NUMBERS // served.attention_heads) - served.run.objective.frame.size
        raise Problem(
            413,
            f"{tokens} tokens: the attention of the {served.attention_heads} heads of this model would be {numbers} "
            f"numbers, and an answer has at most {limits.REPLY_NUMBERS}",
            fix=f"ask about at most {most} tokens",
        )
    return numbers


def _positions(served: Served, action: str, question: Question, tokens: int) -> int:
    is_masked = served.run.objective.asks == "masks"
    match question:
        case Classify(words=True) | Nli(words=True):
            return tokens * (1 + sum(len(text.split()) for text in question.texts))
        case FillMask():
            return tokens + _masks(question.text) * (A_MASK + question.top_k)
        case Look(second=str()) if action == "influence":
            # Each word of both texts is left out, with each of the other's.
            return tokens * math.prod(1 + len(text.split()) for text in question.texts)
        case Generate():
            # A masked model reads its last positions again for each token.
            return tokens + question.tokens * (served.run.recipe.data.length if is_masked else 1)
        case Translate():
            # Each step goes on with `beam` texts. Hardly a translation is longer than twice its text and a few words.
            longest = served.run.model.encoder.defaults.max_length
            return tokens + question.beam * min(longest, 2 * tokens + 8)
    if action == "influence" or (action == "score" and is_masked):
        return tokens * tokens
    return tokens


def _masks(text: str) -> int:
    """How many masks are to be filled.

    Raises:
        Problem: they are too many.
    """
    masks = len(WRITTEN_MASK.findall(text))
    if masks > limits.MASKS:
        raise Problem(
            413, f"{masks} masks: at most {limits.MASKS} are filled at a time", fix="ask about a part of the text"
        )
    return masks
