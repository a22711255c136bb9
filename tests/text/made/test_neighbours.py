from collections import Counter
from itertools import islice

from tandem.text.made.draws import Draws
from tandem.text.made.entailment import is_open, label
from tandem.text.made.neighbours import near
from tandem.text.made.order import sentences


def test_neighbours_are_proper_sentences_of_which_most_words_stay() -> None:
    stayed: Counter[str] = Counter()
    some = list(islice(sentences(), 600))
    for number, sentence in enumerate(some):
        other = near(sentence, Draws(1, number))
        assert other.is_natural()
        assert is_open(other)
        stayed["noun"] += other.noun == sentence.noun
        stayed["predicate"] += other.predicate.word == sentence.predicate.word
        stayed["kind"] += other.predicate.kind == sentence.predicate.kind
    assert stayed["kind"] == len(some)
    assert all(0.5 < stayed[what] / len(some) < 0.9 for what in ("noun", "predicate"))


def test_neighbours_have_something_to_do_with_each_other() -> None:
    said = Counter(label(near(one, Draws(2, number)), one) for number, one in enumerate(islice(sentences(), 600)))
    assert said["entailment"] > 40
    assert said["contradiction"] > 40
