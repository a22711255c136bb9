import pytest

from tandem.core.errors import UsageError
from tandem.text.corpora.base import Corpus
from tandem.text.corpora.copy import Copy
from tandem.text.corpora.parity import Parity
from tandem.text.corpora.reverse import Reverse
from tandem.text.splits import SPLITS

EVERY = [Copy, Reverse, Parity]


@pytest.mark.parametrize("part", EVERY)
def test_splits_have_the_sizes_asked_for_and_share_no_text(part: type[Corpus]) -> None:
    texts = [[example.text for example in part(rows=1_000).examples(split)] for split in SPLITS]
    assert list(map(len, texts)) == [1_000, 100, 100]
    assert len(set().union(*texts)) == 1_200


def test_copy_and_reverse() -> None:
    copied, reversed_ = (list(part(rows=500, symbols=5).examples("train")) for part in (Copy, Reverse))
    assert all(example.second == example.text and example.target is None for example in copied)
    assert all(example.second == example.text[::-1] for example in reversed_)
    assert any(example.second != example.text for example in reversed_)
    for example in copied:
        letters = example.text.split(" ")
        assert 4 <= len(letters) <= 12
        assert set(letters) <= set("abcde")


def test_parity_is_that_of_the_number_of_ones() -> None:
    examples = list(Parity(rows=2_000).examples("train"))
    for example in examples:
        digits = example.text.split(" ")
        assert 4 <= len(digits) <= 16
        assert set(digits) <= {"0", "1"}
        assert example.target == ("odd" if sum(map(int, digits)) % 2 else "even")
    odd = sum(example.target == "odd" for example in examples)
    assert 900 < odd < 1_100


def test_parity_of_long_sequences() -> None:
    lengths = {len(example.text.split()) for example in Parity(rows=50, shortest=400, longest=401).examples("test")}
    assert lengths <= {400, 401}


@pytest.mark.parametrize("part", EVERY)
def test_impossible_options_are_refused_by_name(part: type[Corpus]) -> None:
    name = part.__name__.lower()
    for options in ({"rows": 3}, {"shortest": 9, "longest": 8}, {"longest": 4, "rows": 1_000_000}):
        with pytest.raises(UsageError, match=f"^corpus {name}: "):
            part(**options)
