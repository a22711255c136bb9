import json
import os
import subprocess
import sys
from collections import Counter, defaultdict

import numpy as np
import pytest
from worlds import judged, read

from tandem.core.errors import UsageError
from tandem.text.corpora.inference import Inference, is_held_out
from tandem.text.example import Example
from tandem.text.made.entailment import LABELS
from tandem.text.made.grammar import Sentence
from tandem.text.made.lexicon import ABOVE, STATES, Property
from tandem.text.made.quantifiers import QUANTIFIERS
from tandem.text.splits import SPLITS

ROWS = 6_000

# In a process of its own, where types are not checked at run time, this is ten times faster.
PROGRAM = f"""
import json, sys
from dataclasses import asdict
from tandem.text.splits import SPLITS
from tandem.text.corpora.inference import Inference
json.dump({{split: [asdict(one) for one in Inference(rows={ROWS}).examples(split)] for split in SPLITS}}, sys.stdout)
"""


@pytest.fixture(scope="module")
def made() -> dict[str, list[Example]]:
    """All splits, as another process with other hashes makes them."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, check=True, timeout=120,
        env={**os.environ, "PYTHONHASHSEED": "12345"},
    )  # fmt: skip
    return {split: [Example(**one) for one in rows] for split, rows in json.loads(done.stdout).items()}


def combinations(english: str) -> set[tuple[str, str]]:
    """The quantifier, and the adjective if there is one, each with the noun."""
    said = read(english)
    (noun,) = (one for one in said.subject if one.startswith("noun "))
    return {(one, noun) for one in (said.how_many, *said.subject) if not one.startswith(("noun ", "verb "))}


def test_every_process_makes_the_same_and_fewer_rows_are_the_first_ones(made: dict[str, list[Example]]) -> None:
    for split in SPLITS:
        few = list(Inference(rows=120).examples(split))
        assert few == made[split][: len(few)]
        assert len(few) == (120 if split == "train" else 12)


def test_sizes_and_labels_are_balanced_exactly(made: dict[str, list[Example]]) -> None:
    assert {split: len(rows) for split, rows in made.items()} == {"train": 6_000, "validation": 600, "test": 600}
    for rows in made.values():
        assert Counter(one.target for one in rows) == dict.fromkeys(LABELS, len(rows) // 3)


def test_labels_are_those_of_worlds_built_one_by_one(made: dict[str, list[Example]]) -> None:
    rows = [*made["train"][:3_000], *made["validation"], *made["test"]]
    assert [one for one in rows if judged(one.text, one.second or "") != one.target] == []


def test_no_sentence_alone_says_anything_about_the_label(made: dict[str, list[Example]]) -> None:
    for rows in made.values():
        for side in ("text", "second"):
            labels = defaultdict(Counter)
            for one in rows:
                labels[getattr(one, side)][one.target] += 1
            assert all(len(set(counts.values())) == 1 and len(counts) == 3 for counts in labels.values())


def test_splits_share_no_premise(made: dict[str, list[Example]]) -> None:
    train, validation, test = ({one.text for one in made[split]} for split in SPLITS)
    assert not train & validation
    assert not train & test
    assert not validation & test


def test_every_premise_of_the_test_split_has_a_combination_that_training_never_has(
    made: dict[str, list[Example]],
) -> None:
    trained = set()
    for one in (*made["train"], *made["validation"]):
        trained |= combinations(one.text) | combinations(one.second or "")
    tested = {one.text: combinations(one.text) for one in made["test"]}
    assert all(found - trained for found in tested.values())
    # What is new is the combination, not its parts.
    words, known = ({part for found in many for part in found} for many in (set().union(*tested.values()), trained))
    assert words <= known


def test_every_noun_lacks_two_quantifiers_and_about_five_adjectives_in_training() -> None:
    swim = Property("verb", "swim")
    for noun in ABOVE["noun"]:
        plain = {words for words in QUANTIFIERS if is_held_out(Sentence(words, noun, None, swim, False))}
        assert len(plain) == 2
        seen = next(words for words in QUANTIFIERS if words not in plain)
        states = [state for state in STATES if is_held_out(Sentence(seen, noun, state, swim, False))]
        assert len(states) in (4, 5)


def test_sentences_are_short_and_few_pairs_come_twice(made: dict[str, list[Example]]) -> None:
    texts = [text for rows in made.values() for one in rows for text in (one.text, one.second or "")]
    assert max(len(text.split()) for text in texts) <= 12
    assert len({word.strip(".").lower() for text in texts for word in text.split()}) < 400
    pairs = [(one.text, one.second) for one in made["train"]]
    assert len(set(pairs)) > 0.99 * len(pairs)
    assert all(one.text != one.second for rows in made.values() for one in rows)


def test_bags_of_words_learn_next_to_nothing(made: dict[str, list[Example]]) -> None:
    pytest.importorskip("sklearn", reason="the extra eval is not installed")
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    ways = {
        "hypothesis": lambda one: one.second,
        "premise": lambda one: one.text,
        "both": lambda one: f"{one.text} {one.second}",
    }
    right = {}
    for name, way in ways.items():
        model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression(max_iter=500))
        model.fit([way(one) for one in made["train"]], [one.target for one in made["train"]])
        guessed = model.predict([way(one) for one in made["test"]])
        right[name] = float(np.mean(guessed == np.array([one.target for one in made["test"]])))
    assert right["hypothesis"] < 0.36
    assert right["premise"] < 0.36
    assert right["both"] < 0.55


@pytest.mark.parametrize("rows", [-12, 0, 100_001])
def test_impossible_numbers_of_rows_are_refused(rows: int) -> None:
    with pytest.raises(UsageError, match=rf"^corpus inference: rows = {rows}: .* from 10 to 100,000$"):
        Inference(rows=rows)
