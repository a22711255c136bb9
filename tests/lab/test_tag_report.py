"""Names by type, as evaluate shows them."""

import numpy as np

from tandem.lab.predictions import Predictions
from tandem.lab.tag_report import OVERALL, entity_scores, entity_table
from tandem.metrics.spans import SpanScore


def test_names_are_scored_by_type_together_and_never_over_the_end_of_a_sentence() -> None:
    rows = np.array([0, 0, 0, 5, 5])
    found = entity_scores(
        Predictions(rows, ["B-PER", "I-PER", "O", "B-PER", "B-LOC"], ["B-PER", "I-PER", "O", "I-PER", "O"])
    )
    assert found == {"LOC": SpanScore(1, 0, 0), "PER": SpanScore(2, 2, 2), OVERALL: SpanScore(3, 2, 2)}
    heading, loc, per, overall = entity_table(found).splitlines()
    assert heading.split() == ["precision", "recall", "F1", "names", "said"]
    assert loc.split() == ["LOC", "0.000", "0.000", "0.000", "1", "0"]
    assert per.split() == ["PER", "1.000", "1.000", "1.000", "2", "2"]
    assert overall.split() == ["all", "1.000", "0.667", "0.800", "3", "2"]
    assert len({len(line) for line in (heading, loc, per, overall)}) == 1


def test_where_no_name_is_there_or_said_there_is_a_line_of_zeros() -> None:
    (_, line) = entity_table(entity_scores(Predictions(np.array([0]), ["O"], ["O"]))).splitlines()
    assert line.split() == ["all", "0.000", "0.000", "0.000", "0", "0"]
