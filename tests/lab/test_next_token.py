"""The likeliest next tokens are those that the model's own scores put first, whichever way it was trained."""

from pathlib import Path

import pytest
import torch
from running import tiny, trained

from tandem.core.errors import UsageError
from tandem.lab.fill_mask import fill_mask
from tandem.lab.folder import open_run
from tandem.lab.next_token import next_tokens

TEXT = "After spring comes"


@pytest.fixture(scope="module")
def causal(book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    recipe = tiny(book, task="clm", budget__steps=20, tokenizer__boundaries=True)
    return trained(recipe, tmp_path_factory.mktemp("causal") / "run")


def test_a_causal_model_tells_what_its_head_says_behind_the_last_token(causal: Path) -> None:
    run = open_run(causal)
    found = next_tokens(run.model, run.objective, TEXT, top=5)
    tokenizer = run.objective.tokenizer
    ids = torch.tensor([[tokenizer.cls_id, *tokenizer.encode(TEXT)]])
    with torch.no_grad():
        hidden = run.model.eval().encoder(ids, torch.ones_like(ids, dtype=torch.bool))
        scores = run.model.head(hidden[:, -1])[0]
    scores[tokenizer.special_ids] = -torch.inf
    likeliest = scores.softmax(dim=-1).topk(5)
    assert [guess.token for guess in found] == [tokenizer.token(number) for number in likeliest.indices.tolist()]
    assert [guess.probability for guess in found] == pytest.approx(likeliest.values.tolist(), rel=1e-4)


def test_a_masked_model_tells_what_a_mask_behind_the_text_hides(words_run: Path) -> None:
    run = open_run(words_run)
    found = next_tokens(run.model, run.objective, TEXT, top=3)
    assert found == fill_mask(run.model, run.objective, f"{TEXT} [MASK]", top=3)[0]


def test_of_a_text_that_is_too_long_the_end_is_read(book: Path, tmp_path: Path) -> None:
    recipe = tiny(book, task="mixed", encoder="positions[kind=learned] > attention", tokenizer__boundaries=True,
                  budget__steps=2)  # fmt: skip
    run = open_run(trained(recipe, tmp_path / "run"))
    one, other = (
        next_tokens(run.model, run.objective, f"{begin} {TEXT * 20}", top=3) for begin in ("Day", "The wind blows.")
    )
    assert one == other


def test_who_tells_no_words_and_who_is_asked_for_none_is_refused(causal: Path, classes_run: Path) -> None:
    classes, words = open_run(classes_run), open_run(causal)
    with pytest.raises(UsageError, match="this model tells no words; train one by clm or mlm"):
        next_tokens(classes.model, classes.objective, "0 1", top=3)
    with pytest.raises(UsageError, match="top = 0: at least 1"):
        next_tokens(words.model, words.objective, TEXT, top=0)
