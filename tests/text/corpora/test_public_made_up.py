"""Options of public corpora, and those that no mirror at hand holds, on rows in the published form."""

import json
from pathlib import Path
from typing import Any

import pytest

from tandem.core import parts
from tandem.core.errors import UsageError
from tandem.text.corpora.base import Corpus
from tandem.text.corpora.conll2003 import Conll2003
from tandem.text.corpora.multinli import Multinli
from tandem.text.corpora.sick import Sick
from tandem.text.corpora.snli import Snli
from tandem.text.corpora.stsb import Stsb
from tandem.text.corpora.ud_english_ewt import UdEnglishEwt
from tandem.text.hub import MIRROR
from tandem.text.plain import PLAIN


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of a mirror, still empty."""
    monkeypatch.setenv(MIRROR, str(tmp_path))
    return tmp_path


def write(path: Path, *rows: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))


def test_entities_are_numbered_as_published(root: Path) -> None:
    tokens = ["EU", "rejects", "German", "call", "to", "boycott", "British", "lamb", "."]
    row = {"id": "0", "tokens": tokens, "pos_tags": [22] * 9, "ner_tags": [3, 0, 7, 0, 0, 0, 7, 0, 0]}
    for split in ("train", "validation", "test"):
        write(root / "eriktks" / "conll2003" / "conll2003" / split / "0000.jsonl", row)
    (example,) = Conll2003().examples("test")
    assert example.text == "EU rejects German call to boycott British lamb ."
    assert example.target == ("B-ORG", "O", "B-MISC", "O", "O", "O", "B-MISC", "O", "O")
    assert Conll2003().labels()[0] == "O"


@pytest.mark.parametrize("test", ["matched", "mismatched"])
def test_one_of_the_two_validation_splits_of_multinli_tests(root: Path, test: str) -> None:
    folder = root / "nyu-mll" / "multi_nli" / "data"
    for split in ("train", "validation_matched", "validation_mismatched"):
        rows = [
            {"premise": f"{split} {row}.", "hypothesis": "So.", "label": row % 4 - 1, "genre": "x"} for row in range(40)
        ]
        write(folder / f"{split}-00000-of-00001.jsonl", *rows)
    found = list(Multinli(test=test).examples("test"))
    assert [example.text for example in found] == [f"validation_{test} {row}." for row in range(40)]
    assert [example.target for example in found[:4]] == [None, "entailment", "neutral", "contradiction"]
    assert (
        len(list(Multinli(test=test).examples("train"))) + len(list(Multinli(test=test).examples("validation"))) == 40
    )
    assert next(Multinli(test=test, normalise=True).examples("test")).text == f"validation_{test} 0"


def test_the_two_tests_of_multinli_are_two_identities(root: Path) -> None:
    folder = root / "nyu-mll" / "multi_nli" / "data"
    for split in ("train", "validation_matched", "validation_mismatched"):
        write(folder / f"{split}.jsonl", {"premise": split, "hypothesis": "So.", "label": 0})
    assert Multinli(test="matched").fingerprint() != Multinli(test="mismatched").fingerprint()


def test_pairs_without_agreement_have_no_target(root: Path) -> None:
    row = {"premise": "A man.", "hypothesis": "A Person!", "label": -1}
    write(root / "stanfordnlp" / "snli" / "plain_text" / "test.jsonl", row, row | {"label": 2})
    assert [example.target for example in Snli().examples("test")] == [None, "contradiction"]
    (first, _) = Snli().examples("test")
    assert (first.text, first.second) == ("a man", "a person")
    (first, _) = Snli(normalise=False).examples("test")
    assert (first.text, first.second) == ("A man.", "A Person!")
    notes = Snli().notes()
    assert notes[-1].startswith("texts are normalised: lower case")
    assert Snli(normalise=False).notes() == notes[:-1]


def test_similar_sentences_are_read_as_they_are_or_as_snli_is(root: Path) -> None:
    row = {"sentence1": "A plane is taking off.", "sentence2": "An air plane, too.", "score": 0.75}
    write(root / "sentence-transformers" / "stsb" / "data" / "test.jsonl", row)
    (as_it_is,), (plain,) = (Stsb(normalise=normalise).examples("test") for normalise in (False, True))
    assert (as_it_is.text, as_it_is.second) == ("A plane is taking off.", "An air plane, too.")
    assert (plain.text, plain.second, plain.target) == ("a plane is taking off", "an air plane too", 0.75)
    assert Stsb(normalise=True).notes() == [*Stsb().notes(), PLAIN]


def test_sick_learns_a_class_or_a_score(root: Path) -> None:
    row = {"sentence_A": "A", "sentence_B": "B", "label": 1, "relatedness_score": 3.5}
    write(root / "RobZamp" / "sick" / "default" / "test" / "0000.jsonl", row)
    assert ([example.target for example in Sick().examples("test")], Sick().kind) == (["neutral"], "pair")
    related = Sick(target="relatedness")
    assert ([example.target for example in related.examples("test")], related.kind, related.labels()) == (
        [3.5],
        "score",
        (),
    )


def test_the_treebank_is_read_in_the_layout_of_its_own_repository(root: Path) -> None:
    folder = root / "universal-dependencies" / "universal_dependencies" / "parquet" / "en_ewt"
    for split in ("train", "dev", "test"):
        write(folder / f"{split}.jsonl", {"tokens": [split, "runs"], "upos": ["NOUN", "VERB"]})
    (example,) = UdEnglishEwt().examples("validation")
    assert (example.text, example.target) == ("dev runs", ("NOUN", "VERB"))


@pytest.mark.parametrize("name", ["imdb", "snli", "wikitext"])
def test_a_limit_of_no_row_is_refused(name: str) -> None:
    part = parts.load_class("tandem.text.corpora", name, Corpus)
    with pytest.raises(UsageError, match=r"option limit = 0: input should be greater than or equal to 1"):
        parts.checked_options(part, {"limit": 0}, where="corpus")
    assert parts.checked_options(part, {"limit": 5}, where="corpus") == {"limit": 5}
