"""What each mechanism of a trained model gives to its score: it is scored without each of them, and without all."""

from dataclasses import dataclass
from itertools import chain, combinations

from tandem.data.store import Store
from tandem.lab.evaluate import Scores, evaluate
from tandem.lab.folder import OpenRun
from tandem.nn.knock_out import mechanisms, without


@dataclass(frozen=True)
class Knocked:
    """The scores of a model in which the mixers called `dropped` did nothing."""

    dropped: tuple[str, ...]
    scores: Scores


@dataclass(frozen=True)
class Share:
    """By how much `of` lowers the loss, and by how much it raises the share of right answers."""

    of: str
    loss: float
    accuracy: float


def knock_outs(run: OpenRun, store: Store, *, split: str) -> list[Knocked]:
    """The scores of a finished run as it was trained, without each of its mechanisms, and without all of them.

    Raises:
        What `evaluate` raises.
    """
    names = mechanisms(run.model.encoder)
    found = []
    for dropped in dict.fromkeys(
        chain(combinations(names, 0), combinations(names, 1), combinations(names, len(names)))
    ):
        with without(run.model.encoder, dropped):
            scores = evaluate(run.model, run.objective, store, run.recipe, split=split)
        found.append(Knocked(dropped, scores))
    return found


def shares(found: list[Knocked]) -> list[Share]:
    """How two mechanisms split what both bring over none: what each gives alone, and what only both give together.

    The three add up to the whole. What is given together is below 0 where either could do the other's work. Empty
    where there are not two mechanisms.
    """
    if len(found) != 4:
        return []
    whole, without_first, without_second, without_both = (
        (-knocked.scores.loss, knocked.scores.accuracy) for knocked in found
    )
    first, second = (knocked.dropped[0] for knocked in found[1:3])
    alone = [
        Share(f"{name} alone", left[0] - without_both[0], left[1] - without_both[1])
        for name, left in ((first, without_second), (second, without_first))
    ]
    both = Share(f"{first} and {second}", whole[0] - without_both[0], whole[1] - without_both[1])
    together = (both.loss - sum(each.loss for each in alone), both.accuracy - sum(each.accuracy for each in alone))
    return [*alone, Share("only together", *together), both]
