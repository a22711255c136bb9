"""A recipe is checked before anything slow starts, and the model is a function of it."""

from pathlib import Path
from typing import Any

import pytest
import torch
from running import tiny

from tandem.core.errors import DataError, UsageError
from tandem.lab.assemble import assemble, check, prepared


def weights(book: Path, **changes: Any) -> dict[str, torch.Tensor]:
    return assemble(tiny(book, **changes)).model.weights()


def test_the_first_weights_are_a_function_of_the_seed(book: Path) -> None:
    one = weights(book)
    torch.manual_seed(99)
    other = weights(book)
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert not torch.equal(weights(book, seed=1)["encoder.embedding.weight"], one["encoder.embedding.weight"])


def test_two_architectures_begin_with_the_same_embedding(book: Path) -> None:
    name = "encoder.embedding.weight"
    assert torch.equal(weights(book, encoder="lstm")[name], weights(book, encoder="attention*2 | cnn")[name])


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"encoder": "lsmt"}, 'unknown mixer "lsmt"; did you mean "lstm"'),
        ({"encoder": "attention[windw=4]"}, 'unknown option "windw"; did you mean "window"'),
        ({"task": "mml"}, 'unknown task "mml"; did you mean "mlm"'),
        ({"corpus": {"name": "soto"}}, 'unknown corpus "soto"; did you mean "sotu"'),
        ({"corpus__pth": "x"}, 'unknown option "pth"; did you mean "path"'),
        ({"objective__rat": 0.1}, 'unknown option "rat"; did you mean "rate"'),
        ({"objective__rate": 2.0}, r"objective\.rate = 2\.0"),
        ({"data__length": 1}, r"data\.length = 1: a sequence needs at least 2 tokens"),
        ({"model__width": 15}, "width 15"),
        ({"model__width": 7, "encoder": "attention[heads=2]"}, "7"),
        ({"model__width": 10**9}, r"model\.width = 1000000000: at most 16777216"),
        ({"tokenizer__size": 10**30}, r"tokenizer\.size = 10+: at most"),
        ({"model__feedforward": 2**40}, r"model\.feedforward"),
        ({"model__segments": 10**30}, r"model\.segments = 10+: at most"),
        ({"data__length": 2**40}, r"data\.length"),
    ],
)
def test_a_wrong_recipe_is_refused_before_any_text_is_read(
    changes: dict[str, Any], complaint: str, book: Path, cache: Path
) -> None:
    before = sorted(cache.rglob("*"))
    with pytest.raises(UsageError, match=complaint):
        assemble(tiny(book, **changes))
    assert sorted(cache.rglob("*")) == before


def test_a_missing_text_is_noticed_by_the_check_and_an_empty_one_when_it_is_read(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        check(tiny(tmp_path / "none.txt"))
    (tmp_path / "empty.txt").touch()
    check(tiny(tmp_path / "empty.txt"))
    with pytest.raises(DataError, match="no text to train on"):
        assemble(tiny(tmp_path / "empty.txt"))


def test_the_vocabulary_is_that_of_the_text_and_at_most_what_was_asked_for(book: Path) -> None:
    made = assemble(tiny(book, tokenizer__size=50))
    assert made.model.encoder.embedding.num_embeddings == made.store.tokenizer.size == 50


def test_a_text_is_prepared_once_and_says_so_once(tmp_path: Path, book: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text(book.read_text(encoding="utf-8").replace("wind", "storm"), encoding="utf-8")
    said: list[str] = []
    first = prepared(tiny(mine), say=said.append)
    *notes, preparing = said
    assert preparing.startswith("preparing")
    assert notes
    assert prepared(tiny(mine), say=said.append).folder == first.folder
    assert said == [*notes, preparing]
