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
    """Two texts, where they stand, the cosine of their vectors, and, where the model tells one, the score of the pair.

    The score is on the scale of the corpus. Both are None where one of the texts has no word; `scored` says that the
    model tells scores.
    """

    place: str
    first: str
    second: str
    cosine: float | None
    score: float | None
    scored: bool
    cut: bool = False

    def record(self) -> Record:
        """The same for a file."""
        score: Record = {} if not self.scored else {"score": self.score}
        return {"first": self.first, "second": self.second, "cosine": self.cosine, **score}


def compare(run: OpenRun, pairs: Iterable[TextPair], *, gaps: bool = False) -> Iterator[Likeness]:
    """How alike the texts of `pairs` are, streamed, by any run.

    Raises:
        DataError: a text has no word, and no `gaps` may be.
    """
    scored = isinstance(run.objective, PairObjective) and not run.objective.labels
    for pair, told, cosine, cut in pair_answers(run, pairs, gaps=gaps):
        yield Likeness(pair.place, pair.first, pair.second, cosine, told[0] if scored and told else None, scored, cut)
