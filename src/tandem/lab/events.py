"""What a training tells the person who waits."""

from dataclasses import dataclass

from tandem.lab.evaluate import Scores
from tandem.lab.fill_mask import Guess
from tandem.lab.folder import RunFolder
from tandem.train.loop import Step


@dataclass(frozen=True)
class Notice:
    """One line of text."""

    text: str


@dataclass(frozen=True)
class Evaluated:
    """Scores on the validation split after `step`, and the guesses for each sample sentence, made in `seconds`."""

    step: int
    tokens: int
    scores: Scores
    samples: list[tuple[str, list[list[Guess]]]]
    seconds: float


@dataclass(frozen=True)
class Finished:
    """The run is complete."""

    folder: RunFolder


Event = Notice | Step | Evaluated | Finished
