"""What a model is shown, and what it is asked, for the probability of a text's tokens.

exact           log P(w_t | w_<t) of a causal model
pll             log P(w_t | the text with w_t masked), summed: the pseudo-log-likelihood of Salazar et al. 2020
pll-l2r         the same, with the tokens of w_t's word to the right of it masked too: Kauf and Ivanova 2023
left-to-right   log P(w_t | w_<t). A masked model is shown masks in place of w_t and of all tokens behind it, so it
                knows the left context, and how many tokens are to come; the probabilities of all texts of one
                length then sum to 1, as those of `exact` do. Of a causal model it is `exact`.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, get_args

from tandem.core.errors import UsageError, unknown
from tandem.objectives.base import Objective

Measure = Literal["exact", "pll", "pll-l2r", "left-to-right"]


class Question(NamedTuple):
    """Ids that are read at once, the places that are looked at, and the numbers of the tokens that are told there."""

    ids: list[int]
    places: list[int]
    tokens: list[int]


def measures(objective: Objective) -> tuple[Measure, ...]:
    """The measures that models of `objective` can be asked for, the usual one first.

    Raises:
        UsageError: the objective gives no token a probability.
    """
    if objective.asks == "masks":
        return "pll-l2r", "pll", "left-to-right"
    if objective.asks == "next" or objective.both_ways:
        return "exact", "left-to-right"
    raise UsageError(f"{type(objective).__name__.lower()} gives words no probability; score a run of mlm or clm")


def checked_measure(objective: Objective, measure: str | None) -> Measure:
    """`measure`, or the usual one of `objective` where it is None.

    Raises:
        UsageError: there is no such measure, or the objective does not have it.
    """
    legal = measures(objective)
    if measure is None:
        return legal[0]
    if measure not in get_args(Measure):
        raise unknown("measure", measure, get_args(Measure))
    if measure not in legal:
        kind = "masked" if objective.asks == "masks" else "causal"
        raise UsageError(f"--measure {measure}: not of a {kind} model; legal here: {', '.join(legal)}")
    return measure


def questions(objective: Objective, measure: Measure, ids: list[int], words: Sequence[int]) -> Iterator[Question]:
    """What `measure` asks about the tokens `ids`; `words` holds the number of each one's word.

    Nothing is asked about special tokens. A causal model without a token in front of the text does not tell the first.
    """
    special = set(objective.tokenizer.special_ids)
    asked = [number for number, token in enumerate(ids) if token not in special]
    frame = objective.frame
    start = len(frame.before)
    if objective.asks != "masks":
        told = [number for number in asked if start + number > 0]
        if told:
            yield Question([*frame.before, *ids][:-1], [start + number - 1 for number in told], told)
        return
    for number in asked:
        end = _end(measure, number, words)
        masks = [objective.tokenizer.mask_id] * (end - number)
        yield Question(frame.around([*ids[:number], *masks, *ids[end:]]), [start + number], [number])


def _end(measure: Measure, number: int, words: Sequence[int]) -> int:
    """Up to which token, from `number` on, masks stand."""
    match measure:
        case "pll":
            return number + 1
        case "pll-l2r":
            behind = range(number + 1, len(words))
            return next((other for other in behind if words[other] != words[number]), len(words))
        case _:
            return len(words)
