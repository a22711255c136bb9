"""Every public corpus as the mirror holds it, to the last row; the numbers are those of the mirror's own list."""

import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import public_facts
import pytest

from tandem.text.hub import MIRROR
from tandem.text.splits import SPLITS

ROWS = {
    "ag-news": {"train": 9_772, "test": 3_800},
    "amazon-polarity": {"train": 3_200, "test": 800},
    "imdb": {"train": 25_000, "test": 5_000},
    "multi30k": {"train": 29_000, "validation": 1_014, "test": 1_000},
    "sick": {"train": 4_500, "validation": 500},
    "snli": {"train": 21_000, "validation": 9_842},
    "sst2": {"train": 6_920, "validation": 872},
    "stsb": {"train": 5_749, "validation": 1_500},
    "ud-english-ewt": {"train": 12_544, "validation": 2_001},
}
# Of the stored train split, and of the one that tests, in the order of the labels.
CLASSES = {
    "ag-news": ([2_409, 2_517, 2_452, 2_394], [939, 950, 964, 947]),
    "amazon-polarity": ([1_606, 1_594], [409, 391]),
    "imdb": ([12_500, 12_500], [2_473, 2_527]),
    "sick": ([1_299, 2_536, 665], [144, 282, 74]),
    "snli": ([7_020, 6_894, 7_086], [3_329, 3_235, 3_278]),
    "sst2": ([3_310, 3_610], [428, 444]),
}


@functools.cache
def facts(name: str, **options: Any) -> dict[str, Any]:
    """What all examples of a corpus come to (see `public_facts`); skips where the mirror does not hold it."""
    if not os.environ.get(MIRROR):
        pytest.skip(f"no network in tests, and {MIRROR} names no mirror of public data sets")
    done = subprocess.run(
        [sys.executable, Path(public_facts.__file__), name, json.dumps(options)], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, Any] | None = json.loads(done.stdout)
    return found or pytest.skip(f"{MIRROR} does not hold it")


@pytest.mark.parametrize("name", ROWS)
def test_every_row_is_in_one_split(name: str) -> None:
    found, stored = facts(name), dict(ROWS[name])
    test = stored.pop("test", None) or stored.pop("validation")
    assert found["test"]["examples"] == test
    assert found["train"]["examples"] + found["validation"]["examples"] == sum(stored.values())
    if "validation" in stored:
        assert found["validation"]["examples"] == stored["validation"]


@pytest.mark.parametrize("name", [name for name in ROWS if len(ROWS[name]) == 2])
def test_a_validation_split_made_of_train_rows_shares_no_first_text(name: str) -> None:
    found = facts(name)
    assert found["shared"] == 0
    assert 0.03 < found["validation"]["examples"] / ROWS[name]["train"] < 0.07


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("split", SPLITS)
def test_no_text_is_empty_and_every_target_is_of_the_kind(name: str, split: str) -> None:
    found = facts(name)
    of_split, kind = found[split], found["kind"]
    examples = of_split["examples"]
    assert (of_split["empty"], of_split["untagged"]) == (0, 0)
    assert of_split["documents"] == [1] * examples
    assert of_split["pairs"] == (examples if kind in ("pair", "score", "translation") else 0)
    assert of_split["targets"] == (0 if kind == "translation" else examples)
    assert set(of_split["classes"]) | set(of_split["tags"]) == set(found["labels"])
    assert (of_split["scores"] is not None) == (kind == "score")


@pytest.mark.parametrize("name", CLASSES)
def test_classes_are_as_frequent_as_stated(name: str) -> None:
    found = facts(name)
    train, validation, test = (found[split]["classes"] for split in SPLITS)
    assert [train[label] + validation[label] for label in found["labels"]] == CLASSES[name][0]
    assert [test[label] for label in found["labels"]] == CLASSES[name][1]


def test_parts_of_speech_are_all_seventeen() -> None:
    train, validation = (facts("ud-english-ewt")[split]["tags"] for split in ("train", "validation"))
    tags = {tag: train[tag] + validation[tag] for tag in train}
    assert (len(tags), sum(tags.values())) == (17, 204_577)
    assert (tags["NOUN"], tags["X"]) == (34_751, 400)


def test_scores_have_their_range() -> None:
    assert [facts("stsb")[split]["scores"] for split in SPLITS] == [[0.0, 1.0]] * 3
    related = facts("sick", target="relatedness")
    assert (related["kind"], related["labels"], related["train"]["scores"]) == ("score", [], [1.0, 5.0])


def test_multi30k_turns_round() -> None:
    there, back = facts("multi30k"), facts("multi30k", direction="de-en")
    for split in SPLITS:
        assert there[split]["first"] == back[split]["first"][::-1]
        assert there[split]["words"] == back[split]["words"]
    assert there["test"]["first"][0] == "A man in an orange hat starring at something."


def test_snli_reads_its_splits_alike() -> None:
    plain, stored = facts("snli"), facts("snli", normalise=False)
    assert sum(number for word, number in stored["train"]["words"].items() if word.endswith(".")) > 30_000
    known = plain["train"]["words"]
    for word in known:
        assert word == word.lower()
        assert not word.endswith((",", "."))
    words = plain["test"]["words"]
    assert sum(number for word, number in words.items() if word not in known) / sum(words.values()) < 0.017


def test_tiny_shakespeare_is_a_million_characters_of_speeches() -> None:
    found = facts("tiny-shakespeare")
    assert found["train"]["first"][0] == "First Citizen:\nBefore we proceed any further, hear me speak.\n\n"
    assert [len(found[split]["documents"]) for split in SPLITS] == [1, 1, 1]
    assert [found[split]["characters"] for split in SPLITS] == [1_003_854, 55_770, 55_770]


def test_wikitext_2_has_six_hundred_articles() -> None:
    found, bare = facts("wikitext", headings=True), facts("wikitext")
    train, validation, test = (found[split] for split in SPLITS)
    assert len(train["documents"]) + len(validation["documents"]) == 600
    assert len(test["documents"]) == 60
    # Of 36,718 and 3,760 lines, 12,951 and 1,299 are empty.
    assert train["examples"] + validation["examples"] == 36_718 - 12_951
    assert test["examples"] == 3_760 - 1_299
    assert 2_000_000 < sum(train["words"].values()) + sum(validation["words"].values()) < 2_100_000
    assert test["words"]["[UNK]"] > 1_000
    assert "<unk>" not in test["words"]
    assert test["examples"] - bare["test"]["examples"] == test["headings"] + 60
    assert bare["test"]["headings"] == 0


def test_blimp_has_a_thousand_pairs_for_each_paradigm() -> None:
    if not os.environ.get(MIRROR):
        pytest.skip(f"no network in tests, and {MIRROR} names no mirror of public data sets")
    from tandem.text.corpora.blimp import Blimp

    corpus = Blimp()
    tables = corpus._tables()
    read = [example.document for example in corpus.examples("test")]
    assert [read.count(table.config or "") for table in tables] == [1_000] * len(tables)
