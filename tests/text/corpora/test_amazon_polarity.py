import json
import os
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest

from tandem.core.errors import DataError
from tandem.text.corpora.amazon_polarity import IDENTIFIER, AmazonPolarity
from tandem.text.corpora.base import SPLITS
from tandem.text.hub import MIRROR

pytest.importorskip("datasets", reason="the extra hub is not installed")


@pytest.fixture
def reviews(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """The texts of a split of a made-up mirror with 60 and 10 rows, the fourth without a text."""
    monkeypatch.setenv(MIRROR, str(tmp_path))
    folder = tmp_path / IDENTIFIER
    folder.mkdir(parents=True)
    for split, number in (("train", 60), ("test", 10)):
        rows = [{"context": None if row == 3 else f" {split} {row} ", "label": 1} for row in range(number)]
        (folder / f"{split}.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return lambda split, **options: [example.text for example in AmazonPolarity(**options).examples(split)]


def test_one_in_twenty_of_the_train_rows_validates(reviews: Callable[..., list[str]]) -> None:
    assert reviews("validation") == ["train 19", "train 39", "train 59"]
    assert reviews("train") == [f"train {row}" for row in range(60) if row % 20 != 19 and row != 3]


def test_the_test_rows_test(reviews: Callable[..., list[str]]) -> None:
    assert reviews("test") == [f"test {row}" for row in range(10) if row != 3]


def test_a_limit_takes_the_first_train_rows(reviews: Callable[..., list[str]]) -> None:
    assert reviews("train", limit=30)[-1] == "train 29"
    assert reviews("validation", limit=30) == ["train 19"]
    assert len(reviews("test", limit=5)) == 9


def test_a_mirror_without_the_reviews_is_a_data_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MIRROR, str(tmp_path))
    with pytest.raises(DataError, match=f"{IDENTIFIER}: not in the mirror"):
        AmazonPolarity().fingerprint()


@pytest.mark.parametrize("split", SPLITS)
def test_the_public_reviews_are_short_texts(split: str) -> None:
    if not os.environ.get(MIRROR):
        pytest.skip(f"no network in tests, and {MIRROR} names no mirror of public data sets")
    texts = [example.text for example in islice(AmazonPolarity().examples(split), 200)]
    assert 5 < sum(len(text.split()) for text in texts) / 200 < 200
