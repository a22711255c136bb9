"""An exported folder gives the numbers of its run: by the Auto classes, padded on either side, and saved once more."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from own_numbers import TEXTS, own_scores
from torch.testing import assert_close

import tandem.interop.transformers  # noqa: F401
from tandem.interop.tokenizer import fast_tokenizer
from tandem.lab.folder import OpenRun

AUTO = {
    "attentive": "AutoModelForSequenceClassification",
    "bilm": "AutoModel",
    "classify": "AutoModelForSequenceClassification",
    "clm": "AutoModelForCausalLM",
    "cross": "AutoModelForSequenceClassification",
    "cross-score": "AutoModelForSequenceClassification",
    "mixed": "AutoModelForCausalLM",
    "mlm": "AutoModelForMaskedLM",
    "mlm-nsp": "AutoModelForMaskedLM",
    "mlm-pieces": "AutoModelForMaskedLM",
    "siamese": "AutoModel",
    "tag": "AutoModelForTokenClassification",
}


def load(name: str, folder: Path) -> tuple[Any, Any]:
    """The model and the tokenizer in `folder`."""
    model = getattr(transformers, AUTO[name]).from_pretrained(folder)
    return model, transformers.AutoTokenizer.from_pretrained(folder)


@torch.no_grad()
def answers(model: Any, tokenizer: Any, texts: list[str]) -> list[torch.Tensor]:
    """What the model says to each text of one padded batch, without what stands at padding."""
    batch = tokenizer(texts, padding=True, return_tensors="pt")
    said = model(**batch)
    scores = said.logits if "logits" in said else said.last_hidden_state
    masks = batch["attention_mask"].bool()
    return [row if scores.dim() == 2 else row[mask] for row, mask in zip(scores, masks, strict=True)]


def test_a_batch_gives_the_numbers_of_our_own_model(
    name: str, run_of: Callable[[str], OpenRun], exported: Callable[..., Path], tmp_path: Path
) -> None:
    model, tokenizer = load(name, exported(name))
    assert not model.training
    expected = [own_scores(run_of(name), text) for text in TEXTS]
    for side in ("right", "left"):
        tokenizer.padding_side = side
        for ours, theirs in zip(expected, answers(model, tokenizer, TEXTS), strict=True):
            assert_close(theirs, ours, atol=1e-5, rtol=1e-5)
    tokenizer.padding_side = "right"
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    again = answers(*load(name, tmp_path), TEXTS)
    assert all(map(torch.equal, again, answers(model, tokenizer, TEXTS)))


def test_every_weight_is_that_of_the_run(
    name: str, run_of: Callable[[str], OpenRun], exported: Callable[..., Path]
) -> None:
    model, _ = load(name, exported(name))
    # Dropout and norms are in what a module prints, and in no weight.
    assert str(model.base_model.encoder) == str(run_of(name).model.encoder)
    loaded = {key.removeprefix("tandem."): parameter for key, parameter in model.named_parameters()}
    own = dict(run_of(name).model.named_parameters())
    assert loaded.keys() == (own.keys() if AUTO[name] != "AutoModel" else {k for k in own if k.startswith("encoder.")})
    for key, parameter in loaded.items():
        assert torch.equal(parameter, own[key]), key
        assert parameter.requires_grad == own[key].requires_grad, key


def test_texts_become_the_ids_that_the_run_reads(
    name: str, run_of: Callable[[str], OpenRun], exported: Callable[..., Path]
) -> None:
    objective = run_of(name).objective
    _, tokenizer = load(name, exported(name))
    frame = objective.frame
    for text in [*TEXTS, ""]:
        assert tokenizer(text)["input_ids"] == frame.around(objective.tokenizer.encode(text))
    assert len(tokenizer("wind " * 100, truncation=True)["input_ids"]) == run_of(name).recipe.data.length
    assert (tokenizer.pad_token_id, tokenizer.mask_token_id) == (0, objective.tokenizer.mask_id)
    assert tokenizer.padding_side == "right"


def test_special_tokens_have_the_names_of_transformers(run_of: Callable[[str], OpenRun]) -> None:
    named = {}
    for name in ("mlm", "clm", "cross"):
        objective = run_of(name).objective
        fast = fast_tokenizer(objective, length=9)
        named[name] = fast.special_tokens_map
        assert fast.model_max_length == 9
        assert ("token_type_ids" in fast.model_input_names) == (name == "cross")
    assert named["mlm"] == {"pad_token": "[PAD]", "mask_token": "[mask]", "unk_token": "[UNK]"}
    assert (named["clm"]["bos_token"], named["clm"]["eos_token"]) == ("[CLS]", "[SEP]")
    assert {"cls_token", "sep_token"} <= named["cross"].keys()
    assert "bos_token" not in named["cross"]


def test_a_pair_is_framed_and_numbered_as_in_training(
    run_of: Callable[[str], OpenRun], exported: Callable[..., Path]
) -> None:
    objective = run_of("cross").objective
    model, tokenizer = load("cross", exported("cross"))
    first, second = (objective.tokenizer.encode(text) for text in TEXTS[:2])
    cls, sep = objective.tokenizer.cls_id, objective.tokenizer.sep_id
    pair = tokenizer(TEXTS[0], TEXTS[1], return_tensors="pt")
    assert pair["input_ids"][0].tolist() == [cls, *first, sep, *second, sep]
    assert pair["token_type_ids"][0].tolist() == [0] * (len(first) + 2) + [1] * (len(second) + 1)
    run = run_of("cross").model.eval()
    mask = pair["attention_mask"].bool()
    with torch.no_grad():
        hidden = run.encoder(pair["input_ids"], mask, pair["token_type_ids"])
        expected = run.head(hidden, mask, pair["token_type_ids"])
        assert_close(model(**pair).logits, expected, atol=1e-5, rtol=1e-5)


def test_hidden_states_are_those_of_every_layer(exported: Callable[..., Path]) -> None:
    model = transformers.AutoModel.from_pretrained(exported("mlm-nsp"))
    ids = torch.tensor([[5, 6, 7]])
    found = model(ids, output_hidden_states=True)
    assert len(found.hidden_states) == 4
    assert_close(found.hidden_states[-1], found.last_hidden_state)
    assert torch.equal(found.hidden_states[0], model.encoder.embedded(ids))
    (alone,) = model(ids, return_dict=False)
    assert_close(alone, found.last_hidden_state)


def test_padding_on_the_left_moves_no_hidden_state(exported: Callable[..., Path]) -> None:
    model = transformers.AutoModel.from_pretrained(exported("mlm"))
    ids, padding = torch.tensor([[5, 6, 7, 8]]), torch.zeros(1, 3, dtype=torch.int64)
    left = model(torch.cat([padding, ids], dim=1), torch.cat([padding, torch.ones_like(ids)], dim=1))
    assert_close(left.last_hidden_state[:, 3:], model(ids).last_hidden_state, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", ["mlm", "classify"])
def test_a_text_without_a_token_is_answered(name: str, exported: Callable[..., Path]) -> None:
    model, tokenizer = load(name, exported(name))
    said = model(**tokenizer("", return_tensors="pt"))
    assert said.logits.isfinite().all()
