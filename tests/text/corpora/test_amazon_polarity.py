import json
import os
from itertools import islice
from pathlib import Path

import pytest

from tandem.core.errors import DataError
from tandem.text.corpora.amazon_polarity import AmazonPolarity
from tandem.text.hub import MIRROR
from tandem.text.splits import SPLITS


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of a mirror with 400 and 10 made-up rows, the fourth of each without a text."""
    monkeypatch.setenv(MIRROR, str(tmp_path))
    folder = tmp_path / AmazonPolarity.identifier / "data"
    folder.mkdir(parents=True)
    for split, number in (("train", 400), ("test", 10)):
        rows = [
            {"label": 2, "title": "", "context": None if row == 3 else f" {split} {row} ", "feeling": row % 2}
            for row in range(number)
        ]
        (folder / f"{split}.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return tmp_path


def texts(split: str, corpus: AmazonPolarity) -> list[str]:
    return [example.text for example in corpus.examples(split)]


def test_reviews_have_the_judgement_of_their_writer(mirror: Path) -> None:
    examples = list(AmazonPolarity().examples("test"))
    assert [example.text for example in examples] == [f"test {row}" for row in range(10) if row != 3]
    assert [example.target for example in examples[:3]] == ["negative", "positive", "negative"]
    assert AmazonPolarity().labels() == ("negative", "positive")


def test_about_one_in_twenty_of_the_train_rows_validates(mirror: Path) -> None:
    train, validation = (texts(split, AmazonPolarity()) for split in ("train", "validation"))
    assert sorted(train + validation) == sorted(f"train {row}" for row in range(400) if row != 3)
    assert 5 < len(validation) < 40


def test_a_limit_takes_the_first_train_rows(mirror: Path) -> None:
    corpus = AmazonPolarity(limit=30)
    read = [*texts("train", corpus), *texts("validation", corpus)]
    assert sorted(read) == sorted(f"train {row}" for row in range(30) if row != 3)
    assert len(texts("test", AmazonPolarity(limit=5))) == 9


def test_a_mirror_without_the_reviews_is_a_data_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MIRROR, str(tmp_path))
    with pytest.raises(DataError, match=f"{AmazonPolarity.identifier}: not in the mirror"):
        AmazonPolarity().fingerprint()


@pytest.mark.parametrize("split", SPLITS)
def test_the_public_reviews_are_short_texts(split: str) -> None:
    if not os.environ.get(MIRROR):
        pytest.skip(f"no network in tests, and {MIRROR} names no mirror of public data sets")
    found = [example.text for example in islice(AmazonPolarity().examples(split), 200)]
    assert 5 < sum(len(text.split()) for text in found) / len(found) < 200
