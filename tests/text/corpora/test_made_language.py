from collections import Counter, defaultdict

import pytest
from worlds import read

from tandem.core.errors import UsageError
from tandem.text.corpora.agreement import Agreement
from tandem.text.corpora.base import Corpus
from tandem.text.corpora.parts_of_speech import PartsOfSpeech
from tandem.text.corpora.similarity import Similarity, likeness
from tandem.text.made.grammar import TAGS, Sentence
from tandem.text.made.lexicon import Property
from tandem.text.splits import SPLITS

EVERY = [Agreement, PartsOfSpeech, Similarity]


@pytest.mark.parametrize("part", EVERY)
def test_splits_have_the_sizes_asked_for_and_share_no_text(part: type[Corpus]) -> None:
    texts = [[example.text for example in part(rows=500).examples(split)] for split in SPLITS]
    assert list(map(len, texts)) == [500, 50, 50]
    assert len(set().union(*texts)) == 600


@pytest.mark.parametrize("part", EVERY)
def test_impossible_numbers_of_rows_are_refused(part: type[Corpus]) -> None:
    for rows in (0, 100_001):
        with pytest.raises(UsageError, match=rf"^corpus [a-z-]+: rows = {rows}: .* from 10 to 100,000$"):
            part(rows=rows)


def test_every_word_has_a_tag_and_the_neighbours_of_a_word_may_decide_it() -> None:
    seen = defaultdict(set)
    for example in PartsOfSpeech(rows=1_500).examples("train"):
        words = example.text.split(" ")
        assert isinstance(example.target, tuple)
        assert len(words) == len(example.target)
        assert set(example.target) <= set(TAGS)
        read(" ".join(words[:-1]) + words[-1])
        for word, tag in zip(words, example.target, strict=True):
            seen[word].add(tag)
    assert {word for word, tags in seen.items() if len(tags) > 1} >= {"fly", "duck", "clean"}


def test_the_good_sentence_agrees_and_the_bad_one_does_not() -> None:
    for example in Agreement(rows=500).examples("train"):
        read(example.text)
        with pytest.raises(AssertionError):
            read(example.second or "")


def test_scores_go_from_unlike_to_alike_and_no_pair_is_a_repetition() -> None:
    examples = list(Similarity(rows=1_500).examples("train"))
    assert all(example.text != example.second for example in examples)
    scores = Counter(example.target for example in examples)
    assert {1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5} <= set(scores)
    assert 0.0 <= min(scores) < max(scores) < 5.0
    assert max(scores.values()) < len(examples) / 3


def test_likeness_counts_points() -> None:
    swim = Property("verb", "swim")
    poodles = Sentence("all", "poodle", Property("adjective", "wet"), swim, False)
    assert likeness(poodles, poodles) == 5.0
    assert likeness(poodles, poodles._replace(noun="dog")) == likeness(poodles._replace(noun="dog"), poodles) == 4.5
    assert likeness(poodles, poodles._replace(noun="cat")) == 4.0
    assert likeness(poodles, poodles._replace(modifier=None, predicate=swim._replace(adverb="alone"))) == 3.0
    assert likeness(poodles, Sentence("some", "owl", None, Property("verb", "doze", "alone"), True)) == 0.0
