import itertools

import pytest

from tandem.text.made.lexicon import (
    ABOVE,
    ACTIONS,
    ADVERBS,
    KINDS,
    ONLY_PEOPLE,
    OPPOSITE,
    STATES,
    WAYS,
    Property,
    below,
    excluded,
    implied,
)


def test_a_few_hundred_words_at_most() -> None:
    assert 100 < sum(map(len, ABOVE.values())) + len(ADVERBS) < 300


@pytest.mark.parametrize(
    ("kind", "word", "above"),
    [
        ("noun", "poodle", ("poodle", "dog", "mammal", "animal", "creature")),
        ("noun", "surgeon", ("surgeon", "doctor", "professional", "person", "creature")),
        ("verb", "sprint", ("sprint", "run", "move")),
        ("verb", "bake", ("bake", "cook", "work")),
        ("adjective", "soaked", ("soaked", "wet")),
        ("adjective", "dry", ("dry",)),
    ],
)
def test_a_word_stands_below_what_it_implies(kind: str, word: str, above: tuple[str, ...]) -> None:
    assert ABOVE[kind][word] == above
    assert all(word in below(kind, other) for other in above)


def test_below_is_above_turned_round() -> None:
    for kind, words in ABOVE.items():
        for one, other in itertools.product(words, repeat=2):
            assert (one in below(kind, other)) == (other in ABOVE[kind][one])


def test_what_follows_from_a_verb_with_an_adverb() -> None:
    assert implied(Property("verb", "sprint", "outside")) == {
        Property("verb", word, adverb) for word in ("sprint", "run", "move") for adverb in ("outside", None)
    }
    assert Property("verb", "sprint", "outside") not in implied(Property("verb", "sprint"))


def test_what_follows_from_something_follows_from_all_that_implies_it() -> None:
    for attribute in (*KINDS, *STATES, *ACTIONS, *WAYS):
        assert attribute in implied(attribute)
        assert all(implied(other) <= implied(attribute) for other in implied(attribute))


def test_opposites_are_adjectives_that_exclude_each_other_with_all_below_them() -> None:
    assert set(OPPOSITE) <= set(ABOVE["adjective"])
    assert all(OPPOSITE[OPPOSITE[word]] == word for word in OPPOSITE)
    assert excluded(Property("adjective", "soaked")) == {Property("adjective", "dry")}
    assert excluded(Property("adjective", "hungry")) == excluded(Property("noun", "dog")) == frozenset()
    assert not any(implied(state) & excluded(state) for state in STATES)


def test_people_are_no_animals_and_some_verbs_are_theirs_alone() -> None:
    assert not set(below("noun", "person")) & set(below("noun", "animal"))
    assert set(ONLY_PEOPLE) < set(ABOVE["verb"])
