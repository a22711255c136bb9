"""What a model would say to a sentence, in the way of its objective: the words behind a sample while it trains."""

import math

from torch import Tensor

from tandem.core.errors import UsageError
from tandem.lab.classify import class_probabilities
from tandem.lab.fill_mask import Guess, fill_mask
from tandem.lab.next_token import next_tokens
from tandem.lab.pair_answers import told_of_pairs
from tandem.lab.tag import tag
from tandem.lab.text_pairs import TextPair, checked
from tandem.lab.text_vectors import room_for_text
from tandem.lab.texts import Placed
from tandem.lab.translate import translate
from tandem.nn.model import Model
from tandem.nn.search import Beam
from tandem.objectives.base import Objective
from tandem.objectives.pair_base import PairObjective

BETWEEN = "||"


def answers(model: Model, objective: Objective, text: str, *, top: int) -> list[list[Guess]]:
    """The `top` likeliest answers to each question that `text` asks: one for each mask, or one for the next token.

    Where words are tagged there is one answer: every word with its tag. Two texts of a pair have `||` between them.
    Of a text that is longer than a sequence of the training the beginning is read, and its end where the next token is
    asked for; words are tagged in pieces of that length.

    Raises:
        UsageError: the objective fills masks, and the text holds none; or it reads pairs, and the text is none.
    """
    match objective.asks:
        case "masks":
            return fill_mask(model, objective, text, top=top, length=room_for_text(model, objective))
        case "next":
            return [next_tokens(model, objective, text, top=top)]
        case "classes":
            return [_classes(model, objective, text, top)]
        case "pair":
            return [_pair(model, objective, text, top)]
        case "translation":
            return [_translation(model, objective, text)]
        case "tags":
            return [_tags(model, objective, text)]
        case _:
            return []


def _classes(model: Model, objective: Objective, text: str, top: int) -> list[Guess]:
    read = objective.tokenizer.encode(text)[: room_for_text(model, objective)]
    probabilities = class_probabilities(model, objective, [read])[0]
    return _likeliest(probabilities, objective.labels, top)


def _likeliest(probabilities: Tensor, labels: tuple[str, ...], top: int) -> list[Guess]:
    best = probabilities.topk(min(top, len(labels)))
    pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
    return [Guess(labels[number], probability) for number, probability in pairs]


def _pair(model: Model, objective: Objective, text: str, top: int) -> list[Guess]:
    assert isinstance(objective, PairObjective)
    first, bars, second = text.partition(BETWEEN)
    if not bars:
        raise UsageError(f'"{text}" is no pair of texts; write {BETWEEN} between them')
    pair = checked(TextPair(f'"{text}"', first.strip(), second.strip()))
    told, _ = told_of_pairs(model, objective, [pair])
    scale = objective.scale(model.head)
    if scale is None:
        return _likeliest(told[0], objective.labels, top)
    low, high = scale.ends.tolist()
    share = (float(told[0]) - low) / (high - low)
    return [Guess(f"{float(told[0]):.2f} of {low:g} to {high:g}", share)]


def _translation(model: Model, objective: Objective, text: str) -> list[Guess]:
    (found,) = translate(model, objective, [Placed(f'the sample "{text}"', text)], beam=Beam(size=1), cut=True)
    return [Guess(found.translation, math.exp(found.log_probability))]


def _tags(model: Model, objective: Objective, text: str) -> list[Guess]:
    words = tag(model, objective, text, length=room_for_text(model, objective)).words
    return [Guess(f"{word.text}/{word.tag or '-'}", word.probability or 0.0) for word in words]
