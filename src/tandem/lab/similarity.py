"""How alike two texts are: the cosine of their vectors, and the score of a model that has learnt to tell one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tandem.lab.folder import OpenRun
from tandem.lab.pair_answers import pair_answers
from tandem.lab.pair_files import Record
from tandem.lab.text_pairs import TextPair
from tandem.objectives.pair_base import PairObjective


@dataclass(frozen=True)
class Likeness:
    """Two texts, the cosine of their vectors, and the score on the scale of the corpus, where the model tells one."""

    first: str
    second: str
    cosine: float
    score: float | None
    cut: bool = False

    def record(self) -> Record:
        """The same for a file."""
        score: Record = {} if self.score is None else {"score": self.score}
        return {"first": self.first, "second": self.second, "cosine": self.cosine, **score}


def no_likeness(pair: TextPair, *, scored: bool) -> Record:
    """The record of a pair that gets no cosine, since a text of it has no word, and no score where a run tells one."""
    score: Record = {"score": None} if scored else {}
    return {"first": pair.first, "second": pair.second, "cosine": None, **score}


def tells_scores(run: OpenRun) -> bool:
    """Whether `run` has learnt scores of pairs."""
    return isinstance(run.objective, PairObjective) and not run.objective.labels


def compare(run: OpenRun, pairs: Iterable[TextPair]) -> Iterator[Likeness]:
    """How alike the texts of `pairs` are, streamed, by any run.

    Raises:
        DataError: the tokenizer reads nothing of a text.
    """
    scored = tells_scores(run)
    for pair, told, cosine, cut in pair_answers(run, pairs):
        yield Likeness(pair.first, pair.second, cosine, told[0] if scored else None, cut)
