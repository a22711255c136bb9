from itertools import islice, product

import pytest
from worlds import judged, kinds_of_creatures, read

from tandem.text.made import entailment
from tandem.text.made.draws import Draws
from tandem.text.made.entailment import LABELS, is_open, label
from tandem.text.made.grammar import Sentence, text
from tandem.text.made.lexicon import ABOVE, Property
from tandem.text.made.neighbours import near
from tandem.text.made.order import sentences

# What a person says about these pairs, without any procedure.
BY_HAND = [
    ("All dogs swim.", "All poodles swim.", "entailment"),
    ("All poodles swim.", "All dogs swim.", "neutral"),
    ("All dogs sprint.", "Every dog moves.", "entailment"),
    ("All dogs move.", "Every dog sprints.", "neutral"),
    ("All dogs swim.", "Some dogs swim.", "entailment"),
    ("All dogs swim.", "No dogs swim.", "contradiction"),
    ("All dogs swim.", "Not every dog swims.", "contradiction"),
    ("All animals swim.", "Some wet dogs do not swim.", "contradiction"),
    ("Some dogs swim.", "All dogs swim.", "neutral"),
    ("Some dogs swim.", "Some mammals swim.", "entailment"),
    ("Some mammals swim.", "Some dogs swim.", "neutral"),
    ("Some wet dogs swim.", "Some dogs swim.", "entailment"),
    ("Some dogs swim outside.", "Some dogs swim.", "entailment"),
    ("Some dogs swim.", "Some dogs swim outside.", "neutral"),
    ("No dogs swim.", "No wet dogs swim.", "entailment"),
    ("No wet dogs swim.", "No dogs swim.", "neutral"),
    ("No dogs move.", "No dogs sprint.", "entailment"),
    ("No dogs sprint.", "No dogs move.", "neutral"),
    ("No dogs swim.", "Not all animals swim.", "entailment"),
    ("No animals swim.", "Most poodles swim.", "contradiction"),
    ("Not all dogs swim.", "Some dogs do not swim.", "entailment"),
    ("Not all dogs swim.", "Some dogs swim.", "neutral"),
    ("Not all dogs move.", "Not all dogs sprint.", "entailment"),
    ("Most dogs swim.", "Some dogs swim.", "entailment"),
    ("Most dogs swim.", "Most animals swim.", "neutral"),
    ("Most dogs sprint.", "Most dogs run.", "entailment"),
    ("Most dogs swim.", "No dogs swim.", "contradiction"),
    ("Most dogs swim.", "At most half the dogs swim.", "contradiction"),
    ("Most dogs do not swim.", "At most half the dogs swim.", "entailment"),
    ("Most dogs are wet.", "Most dogs are dry.", "contradiction"),
    ("Most dogs are wet.", "Some dogs are dry.", "neutral"),
    ("All dogs are soaked.", "Some dogs are dry.", "contradiction"),
    ("All dogs are soaked.", "No dogs are dry.", "entailment"),
    ("Most dogs are not wet.", "Most dogs are dry.", "neutral"),
    ("At least two dogs swim.", "Some dogs swim.", "entailment"),
    ("Some dogs swim.", "At least two dogs swim.", "neutral"),
    ("At least two poodles swim.", "At most one dog swims.", "contradiction"),
    ("At most one dog swims.", "At most one poodle swims.", "entailment"),
    ("At most one dog swims.", "No dogs swim.", "neutral"),
    ("No dogs swim.", "At most one dog swims.", "entailment"),
    ("All dogs that swim are wet.", "All poodles that swim are wet.", "entailment"),
    ("All dogs that run are wet.", "All dogs that sprint are wet.", "entailment"),
    ("All dogs that sprint are wet.", "All dogs that run are wet.", "neutral"),
    ("All dogs that swim are wet.", "All dogs are wet.", "neutral"),
    ("Some dogs that swim are wet.", "Some wet dogs swim.", "entailment"),
    ("Every wet dog swims.", "Some dogs swim.", "entailment"),
    ("All dogs swim.", "Some cats swim.", "neutral"),
    ("All dogs swim.", "All dogs fly.", "neutral"),
]


def meant(english: str) -> Sentence:
    said = read(english)
    (noun,) = (one for one in said.subject if one.startswith("noun "))
    modifiers = [attribute(one) for one in said.subject if one != noun]
    return Sentence(
        said.how_many, noun.removeprefix("noun "), (modifiers or [None])[0], attribute(said.predicate), said.negated
    )


def attribute(written: str) -> Property:
    kind, _, rest = written.partition(" ")
    word, _, adverb = rest.partition(", ")
    return Property(kind, word, adverb or None)


@pytest.mark.parametrize(("premise", "hypothesis", "expected"), BY_HAND)
def test_it_says_what_people_say(premise: str, hypothesis: str, expected: str) -> None:
    assert label(meant(premise), meant(hypothesis)) == expected == judged(premise, hypothesis)


def test_it_agrees_with_worlds_built_one_by_one() -> None:
    seen = set()
    for number, thesis in enumerate(islice(sentences(), 600)):
        premise = near(thesis, Draws(7, number))
        said = label(premise, thesis)
        seen.add(said)
        if said is None:
            assert not any(None not in kinds for kinds in kinds_of_creatures(read(text(premise)), read(text(thesis))))
        else:
            assert judged(text(premise), text(thesis)) == said, (text(premise), text(thesis))
    assert seen >= set(LABELS)


def test_more_creatures_in_a_cell_would_change_no_label() -> None:
    for cells in product((False, True), repeat=len(entailment.CELLS)):
        most = 5 if sum(cells) < 7 else 4
        assert entailment._decided(cells) == entailment._decided(cells, most)


def test_two_creatures_in_a_cell_would_not_be_enough() -> None:
    every = (True,) * len(entailment.CELLS)
    patterns = list(product((False, True), repeat=len(every)))
    assert any(entailment._decided(cells) != entailment._decided(cells, 2) for cells in patterns)


def test_there_is_no_label_where_premise_and_hypothesis_cannot_both_be_about_someone() -> None:
    assert label(meant("All dogs are wet."), meant("Some dry dogs swim.")) is None
    assert label(meant("Most dogs are wet."), meant("Some dry dogs swim.")) == "neutral"


def test_a_sentence_entails_itself_and_contradicts_its_denial() -> None:
    for sentence in islice(sentences(), 300):
        assert label(sentence, sentence) == "entailment"
        assert label(sentence, sentence.denial()) == label(sentence.denial(), sentence) == "contradiction"


def test_what_entails_a_sentence_contradicts_its_denial() -> None:
    turned = {"entailment": "contradiction", "contradiction": "entailment", "neutral": "neutral", None: None}
    for number, thesis in enumerate(islice(sentences(), 300)):
        premise = near(thesis, Draws(8, number))
        assert label(premise, thesis.denial()) == turned[label(premise, thesis)]


@pytest.mark.parametrize(
    ("english", "is_so"),
    [
        ("All wet dogs are dry.", False), ("Some soaked dogs are wet.", False), ("No dogs that sprint run.", False),
        ("No dogs that run sprint.", True), ("All wet dogs are soaked.", True), ("Some dogs are wet.", True),
    ],
)  # fmt: skip
def test_sentences_true_or_false_by_their_words_are_known(english: str, is_so: bool) -> None:
    assert is_open(meant(english)) is is_so


def test_some_of_a_kind_are_some_of_every_wider_kind_and_not_the_other_way_round() -> None:
    for noun, above in ABOVE["noun"].items():
        for other in above[1:]:
            one, many = (Sentence("some", word, None, Property("verb", "swim"), False) for word in (noun, other))
            assert (label(one, many), label(many, one)) == ("entailment", "neutral")
