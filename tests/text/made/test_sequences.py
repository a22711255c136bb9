from collections import Counter

import pytest

from tandem.core.errors import UsageError
from tandem.text.made.sequences import Sequences, letters
from tandem.text.splits import SPLITS


def all_of(sequences: Sequences) -> list[str]:
    return ["".join(written) for split in SPLITS for _, written in sequences.of(split)]


def made(rows: int, shortest: int, longest: int, alphabet: str) -> Sequences:
    return Sequences("copy", rows=rows, shortest=shortest, longest=longest, alphabet=alphabet)


def test_no_sequence_comes_twice_and_lengths_are_equally_frequent() -> None:
    every = all_of(made(10_000, 4, 12, "abcdefghijklmnopqrstuvwxyz"))
    assert len(every) == len(set(every)) == 12_000
    lengths = Counter(map(len, every))
    assert sorted(lengths) == list(range(4, 13))
    assert max(lengths.values()) - min(lengths.values()) <= 1
    letters_used = Counter("".join(every))
    assert len(letters_used) == 26
    assert max(letters_used.values()) < 1.1 * min(letters_used.values())


def test_where_there_are_few_of_a_length_all_are_used() -> None:
    every = all_of(made(1_000, 1, 12, "01"))
    lengths = Counter(map(len, every))
    assert [lengths[length] for length in range(1, 7)] == [2, 4, 8, 16, 32, 64]
    assert sum(lengths.values()) == len(set(every)) == 1_200


def test_all_sequences_there_are() -> None:
    assert sorted(all_of(made(10, 2, 3, "01"))) == sorted(
        f"{number:0{length}b}" for length in (2, 3) for number in range(2**length)
    )


def test_long_sequences_differ_from_their_first_places_on_and_use_every_place() -> None:
    every = all_of(made(100, 299, 300, "01"))
    assert len({sequence[:62] for sequence in every}) == 120
    assert all({sequence[place] for sequence in every} == {"0", "1"} for place in range(299))


def test_every_split_has_every_length_in_random_order() -> None:
    sequences = made(2_000, 5, 8, "abc")
    for split in SPLITS:
        lengths = [len(written) for _, written in sequences.of(split)]
        assert set(lengths) == {5, 6, 7, 8}
        assert lengths != sorted(lengths)


@pytest.mark.parametrize(
    ("shortest", "longest", "message"),
    [
        (0, 5, r"shortest = 0, longest = 5: lengths go from 1 to 10,000"),
        (6, 5, r"shortest = 6, longest = 5: .* shortest is at most longest"),
        (1, 10_001, r"longest = 10001"),
        (
            1,
            4,
            r"rows = 1000 takes 1,200 different sequences, and only 30 have 1 to 4 places and 2 symbols; raise longest",
        ),
    ],
)
def test_impossible_lengths_are_refused(shortest: int, longest: int, message: str) -> None:
    with pytest.raises(UsageError, match=f"^corpus copy: .*{message}"):
        made(1_000, shortest, longest, "01")


@pytest.mark.parametrize("symbols", [-1, 0, 1, 27])
def test_alphabets_of_impossible_size_are_refused(symbols: int) -> None:
    assert letters("copy", symbols=3) == "abc"
    with pytest.raises(UsageError, match=rf"^corpus copy: symbols = {symbols}: from 2 to 26 letters$"):
        letters("copy", symbols=symbols)
