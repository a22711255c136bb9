from itertools import islice

import pytest
from worlds import HOW_MANY, read

from tandem.text.made.grammar import TAGS, Sentence, text, words
from tandem.text.made.lexicon import Property
from tandem.text.made.order import sentences
from tandem.text.made.quantifiers import NEGATABLE, QUANTIFIERS

SWIM, NOISE = Property("verb", "swim"), Property("verb", "make noise", "nearby")
WET = Property("adjective", "wet")


@pytest.mark.parametrize(
    ("sentence", "english"),
    [
        (Sentence("all", "dog", None, SWIM, False), "All dogs swim."),
        (Sentence("every", "child", WET, NOISE, False), "Every wet child makes noise nearby."),
        (Sentence("most", "mouse", SWIM, WET, True), "Most mice that swim are not wet."),
        (Sentence("at most one", "pony", SWIM, NOISE, True), "At most one pony that swims does not make noise nearby."),
        (Sentence("at most half the", "fly", None, Property("verb", "fly"), False), "At most half the flies fly."),
        (Sentence("not every", "woman", None, WET, False), "Not every woman is wet."),
        (Sentence("some", "goose", NOISE._replace(adverb=None), SWIM, True), "Some geese that make noise do not swim."),
    ],
)
def test_what_is_said_in_english(sentence: Sentence, english: str) -> None:
    assert text(sentence) == english


def test_english_says_what_was_meant_and_agrees_in_number() -> None:
    for sentence in islice(sentences(), 1_500):
        said = read(text(sentence))
        subject = {f"{one.kind} {one.word}" for one in sentence.subject}
        adverb = f", {sentence.predicate.adverb}" if sentence.predicate.adverb else ""
        predicate = f"{sentence.predicate.kind} {sentence.predicate.word}{adverb}"
        assert said == (sentence.quantifier, subject, predicate, sentence.negated)


def test_a_sentence_that_does_not_agree_differs_in_one_word_and_cannot_be_read() -> None:
    for sentence in islice(sentences(), 500):
        good, bad = text(sentence).split(), text(sentence, agrees=False).split()
        assert len(good) == len(bad)
        assert sum(one != other for one, other in zip(good, bad, strict=True)) == 1
        with pytest.raises(AssertionError):
            read(" ".join(bad))


def test_sentences_are_short_and_every_word_has_a_part_of_speech() -> None:
    lengths, tags = [], set()
    for sentence in islice(sentences(), 1_500):
        spoken = words(sentence)
        lengths.append(len(spoken) - 1)
        tags |= {word.tag for word in spoken}
        assert [word.tag for word in spoken].index("PUNCT") == len(spoken) - 1
        assert " ".join(word.form for word in spoken[:-1]) + "." == text(sentence).lower()
    assert max(lengths) <= 13
    assert sum(lengths) / len(lengths) < 7
    assert tags == set(TAGS)


def test_parts_of_speech() -> None:
    sentence = Sentence("at most half the", "duck", Property("verb", "duck"), Property("adjective", "clean"), True)
    assert " ".join(f"{word.form}/{word.tag}" for word in words(sentence)) == (
        "at/ADP most/ADJ half/DET the/DET ducks/NOUN that/PRON duck/VERB are/AUX not/PART clean/ADJ ./PUNCT"
    )
    spoken = words(Sentence("no", "fly", Property("adjective", "clean"), Property("verb", "fly", "alone"), False))
    assert [word.tag for word in spoken] == ["DET", "ADJ", "NOUN", "VERB", "ADV", "PUNCT"]


def test_the_denial_of_every_quantifier_is_true_just_where_it_is_false() -> None:
    for words_, quantifier in QUANTIFIERS.items():
        for inside in range(6):
            for outside in range(6 if inside else 0):
                truth = bool(quantifier.true(inside, outside))
                assert truth == HOW_MANY[words_](inside, outside)
                assert truth != HOW_MANY[quantifier.denied](inside, outside)


def test_a_denial_is_english_too() -> None:
    some_not = Sentence("some", "dog", None, SWIM, True)
    assert text(some_not.denial()) == "All dogs swim."
    assert text(some_not._replace(negated=False).denial()) == "No dogs swim."
    assert all(sentence.denial().is_natural() for sentence in islice(sentences(), 500))


def test_what_nobody_would_say() -> None:
    assert not Sentence("all", "dog", None, SWIM, True).is_natural()
    assert not Sentence("all", "dog", None, Property("verb", "whisper"), False).is_natural()
    assert not Sentence("all", "dog", Property("verb", "bake"), SWIM, False).is_natural()
    assert Sentence("all", "poet", Property("verb", "bake"), SWIM, False).is_natural()
    assert set(NEGATABLE) == {"some", "most", "at most half the", "at least two", "at most one"}
