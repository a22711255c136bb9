import string

import pytest

from tandem.text.tokenizer import Tokenizer, train_tokenizer

# By frequency and then by the alphabet: the 4, dog 2, and once each a, cat, dogs, ran, saw, [sic].
TEXTS = ["The cat saw THE dog.<br />The dog ran!", "A (the); dog's [sic]"]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train_tokenizer(TEXTS, kind="words", size=8)


def test_the_most_frequent_words_stand_between_padding_unknown_and_the_mask(tokenizer: Tokenizer) -> None:
    vocabulary = [tokenizer.token(identifier) for identifier in range(tokenizer.size)]
    assert vocabulary == ["[PAD]", "[UNK]", "the", "dog", "[sic]", "a", "cat", "[mask]"]
    assert (tokenizer.unknown_id, tokenizer.mask_id, tokenizer.size) == (1, 7, 8)


def test_a_small_text_fills_no_more_ids_than_it_has_words() -> None:
    tokenizer = train_tokenizer(["one two"], kind="words", size=500)
    assert (tokenizer.size, tokenizer.mask_id) == (5, 4)


def test_the_mask_in_a_training_text_is_no_word() -> None:
    tokenizer = train_tokenizer(["wind [mask] wind [mask] [mask] [PAD]"], kind="words", size=8)
    assert [tokenizer.token(n) for n in range(tokenizer.size)] == ["[PAD]", "[UNK]", "wind", "[pad]", "[mask]"]


def test_letters_are_made_small_breaks_become_spaces_and_punctuation_goes(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode("THE dog,<br />the-dog The.\n\t(Cat)") == [2, 3, 1, 2, 6]
    assert tokenizer.encode("... !") == []


@pytest.mark.parametrize("sign", sorted(set(string.punctuation) - set("[]")))
def test_a_punctuation_mark_leaves_no_trace_in_a_word(tokenizer: Tokenizer, sign: str) -> None:
    assert tokenizer.encode(f"d{sign}og {sign}cat{sign}") == [3, 6]


def test_square_brackets_stay_because_the_mask_is_written_with_them(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode("[sic] [dog]") == [4, 1]
    assert tokenizer.encode("the [mask] [MASK]!") == [2, 7, 7]
