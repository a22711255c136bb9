"""BLEU and chrF against what can be told by hand."""

import math

import pytest

from tandem.metrics.translations import nearness

REFERENCES = ["a dog runs along the beach .", "two men are sitting on a bench ."]


def test_the_references_themselves_score_a_hundred_and_other_words_nothing() -> None:
    same = nearness(REFERENCES, REFERENCES)
    assert (same.bleu, same.chrf) == (pytest.approx(100), pytest.approx(100))
    assert nearness(["x y z", "x"], REFERENCES).bleu < 1


def test_bleu_is_the_geometric_mean_of_four_precisions() -> None:
    found = nearness(["a dog runs along a beach ."], REFERENCES[:1])
    # Of 7 words, 6 pairs, 5 triples and 4 quadruples, these many are in the reference; both texts are of one length.
    precisions = (6 / 7, 4 / 6, 2 / 5, 1 / 4)
    assert found.bleu == pytest.approx(100 * math.prod(precisions) ** 0.25)


def test_a_short_translation_is_punished() -> None:
    found = nearness(["a dog runs along the"], REFERENCES[:1])
    assert found.bleu == pytest.approx(100 * math.exp(1 - 7 / 5))


def test_capitals_count_unless_they_are_dropped_and_the_signature_says_which() -> None:
    shouted = [text.upper() for text in REFERENCES]
    cased, lowered = nearness(shouted, REFERENCES), nearness(shouted, REFERENCES, lower=True)
    assert cased.bleu < 20 < lowered.bleu == pytest.approx(100)
    assert "case:mixed" in cased.bleu_signature
    assert "case:lc" in lowered.bleu_signature
    assert "nc:6" in lowered.chrf_signature
