"""Which direction of a score is the better one, and where it stands."""

from pathlib import Path

import pytest
from running import tiny

from tandem.core.errors import UsageError
from tandem.lab.assemble import assemble
from tandem.lab.studies.scores import score_in, sign_of


@pytest.mark.parametrize("task", ["clm", "bilm"])
def test_of_what_follows_from_a_loss_less_is_better(task: str, book: Path) -> None:
    found = assemble(tiny(book, task=task, tokenizer__boundaries=True))
    measures = found.objective.measures(2.0, found.store, "validation", pack="windows")
    assert {name: sign_of(name) for name in measures} == dict.fromkeys(measures, -1.0)
    assert measures


@pytest.mark.parametrize(
    ("score", "sign"),
    [("loss", -1), ("next loss", -1), ("accuracy", 1), ("next accuracy", 1), ("macro F1", 1), ("Spearman", 1)],
)
def test_more_accuracy_is_better_and_more_loss_is_worse(score: str, sign: int) -> None:
    assert sign_of(score) == sign


def test_a_score_that_there_is_not_is_refused_with_those_there_are() -> None:
    scores = {"loss": 2.0, "accuracy": 0.5, "more": {"bits per byte": 1.5}}
    assert score_in(scores, "bits per byte", where=Path("runs/x")) == 1.5
    with pytest.raises(UsageError, match=r'score = "bits": runs/x has none of that name \(legal: loss, acc.*byte\)$'):
        score_in(scores, "bits", where=Path("runs/x"))
