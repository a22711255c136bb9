from collections import Counter
from itertools import chain, islice

import pytest

from tandem.text.made.dozens import dozen
from tandem.text.made.draws import Draws
from tandem.text.made.entailment import LABELS, label
from tandem.text.made.order import sentences


def made(*, premise_fits=lambda _: True, hypothesis_fits=lambda _: True, theses=60):
    found = [
        dozen(thesis, Draws(3, number), premise_fits=premise_fits, hypothesis_fits=hypothesis_fits)
        for number, thesis in enumerate(islice(sentences(), theses))
    ]
    return [pairs for pairs in found if pairs]


@pytest.fixture(scope="module")
def dozens():
    return made()


def test_every_sentence_stands_under_every_label_equally_often(dozens) -> None:
    assert len(dozens) > 20
    for pairs in dozens:
        assert len(set(pairs)) == 12
        for side in ("premise", "hypothesis"):
            counts = Counter((getattr(pair, side), pair.label) for pair in pairs)
            assert len(counts) == 4 * len(LABELS)
            assert set(counts.values()) == {1}


def test_the_labels_are_those_of_the_procedure(dozens) -> None:
    assert all(label(pair.premise, pair.hypothesis) == pair.label for pairs in dozens for pair in pairs)


def test_no_premise_repeats_its_hypothesis(dozens) -> None:
    assert all(pair.premise != pair.hypothesis for pairs in dozens for pair in pairs)


def test_sentences_that_do_not_fit_are_left_out() -> None:
    dozens = made(premise_fits=lambda one: one.noun != "dog", hypothesis_fits=lambda one: one.quantifier != "most")
    assert dozens
    for pair in chain.from_iterable(dozens):
        assert pair.premise.noun != "dog"
        assert pair.hypothesis.quantifier != "most"
    assert made(premise_fits=lambda _: False, theses=20) == []
    assert made(hypothesis_fits=lambda _: False, theses=20) == []
