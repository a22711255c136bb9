"""No weight is ever made up: all are loaded, or drawn as our own are, and what is one weight stays one."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
import transformers
from transformers import AutoModel, AutoModelForMaskedLM, AutoModelForSequenceClassification

import tandem.interop.transformers  # noqa: F401
from tandem.core.errors import ArtifactError, UsageError
from tandem.interop.causal import TandemForCausalLM
from tandem.interop.config import TandemConfig, encoder_of, objective_of
from tandem.interop.headed import TandemForMaskedLM, TandemForSequenceClassification
from tandem.interop.pretrained import TandemModel
from tandem.nn.encoder import Encoder

EVERYTHING = "positions[kind=learned] > (attention | lstm | gru | rnn | cnn)[merge=gate] > attention*2"
CONFIG: dict[str, Any] = {"encoder": EVERYTHING, "width": 16, "vocab_size": 40, "length": 12}


def test_a_new_model_begins_with_our_own_first_weights() -> None:
    config = TandemConfig(**CONFIG)
    torch.manual_seed(3)
    model = TandemForMaskedLM(config)
    torch.manual_seed(3)
    encoder = encoder_of(config)
    head = objective_of("mlm", {}, []).head_for(encoder, epsilon=1e-5)
    for ours, theirs in ((encoder, model.tandem.encoder), (head, model.head)):
        own = dict(ours.named_parameters())
        for name, parameter in theirs.named_parameters():
            assert torch.equal(parameter, own[name]), name
            assert parameter.requires_grad == own[name].requires_grad


def test_the_config_has_every_option_of_an_encoder() -> None:
    renamed = {"layout": "encoder", "vocabulary": "vocab_size", "max_length": "length"}
    options = {renamed.get(name, name) for name in inspect.signature(Encoder).parameters}
    assert options <= TandemConfig().to_dict().keys()


def test_the_options_of_the_objective_decide_the_head() -> None:
    config = TandemConfig(**CONFIG, objective_options={"tied": False, "transform": False})
    model = TandemForMaskedLM(config)
    assert model.get_output_embeddings().weight is not model.get_input_embeddings().weight
    assert not config.tie_word_embeddings
    assert model.head.transform is None


@pytest.mark.parametrize(
    "name", ["tandem.encoder.body.steps.1.branches.2.steps.0.mixer.recurrence.forwards.weight_hh_l0",
             "tandem.encoder.body.steps.0.table", "head.decode.bias"],
)  # fmt: skip
def test_a_weight_that_is_not_there_is_named(name: str, tmp_path: Path) -> None:
    TandemForMaskedLM(TandemConfig(**CONFIG)).save_pretrained(tmp_path)
    weights = safetensors.torch.load_file(tmp_path / "model.safetensors")
    del weights[name]
    safetensors.torch.save_file(weights, tmp_path / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ArtifactError, match=f"its weights lack {name}"):
        AutoModelForMaskedLM.from_pretrained(tmp_path)


def test_an_encoder_takes_another_head_which_begins_as_ours_do(tmp_path: Path) -> None:
    model = TandemForMaskedLM(TandemConfig(**CONFIG))
    model.save_pretrained(tmp_path)
    torch.manual_seed(1)
    tuned = AutoModelForSequenceClassification.from_pretrained(tmp_path, num_labels=3)
    for name, parameter in tuned.tandem.named_parameters():
        assert torch.equal(parameter, model.tandem.get_parameter(name)), name
    assert torch.equal(tuned.head.classes.bias, torch.zeros(3))
    bound = (6 / (16 + 3)) ** 0.5
    assert 0 < tuned.head.classes.weight.abs().max() <= bound
    # With another seed the head is another one.
    other = AutoModelForSequenceClassification.from_pretrained(tmp_path, num_labels=3)
    assert not torch.equal(other.head.classes.weight, tuned.head.classes.weight)
    tuned.save_pretrained(tmp_path / "tuned")
    again = AutoModelForSequenceClassification.from_pretrained(tmp_path / "tuned")
    assert all(torch.equal(one, again.get_parameter(name)) for name, one in tuned.named_parameters())
    wider = AutoModelForSequenceClassification.from_pretrained(
        tmp_path / "tuned", num_labels=5, ignore_mismatched_sizes=True
    )
    assert torch.equal(wider.head.classes.bias, torch.zeros(5))
    assert wider.head.classes.weight.abs().max() <= 1


def test_a_tied_matrix_is_one_in_memory_and_in_the_file(exported: Callable[..., Path], tmp_path: Path) -> None:
    for name, tied, key in (
        ("mlm", True, "head.decode.weight"), ("mlm-pieces", False, "head.decode.weight"),
        ("mlm-nsp", True, "head.tokens.decode.weight"),
    ):  # fmt: skip
        model = AutoModelForMaskedLM.from_pretrained(exported(name))
        assert (model.get_parameter(key) is model.get_input_embeddings().weight) == tied
        model.save_pretrained(tmp_path / name)
        assert (key in safetensors.torch.load_file(tmp_path / name / "model.safetensors")) != tied


def test_a_vocabulary_can_grow(exported: Callable[..., Path], tmp_path: Path) -> None:
    model = AutoModelForMaskedLM.from_pretrained(exported("mlm-nsp"))
    ids = torch.tensor([[5, 6, 7]])
    before, size = model(ids).logits, model.config.vocab_size
    model.resize_token_embeddings(size + 3)
    assert model(ids).logits.shape == (1, 3, size + 3)
    torch.testing.assert_close(model(ids).logits[..., :size], before)
    model.save_pretrained(tmp_path)
    torch.testing.assert_close(AutoModelForMaskedLM.from_pretrained(tmp_path)(ids).logits, model(ids).logits)


def test_half_the_bits(exported: Callable[..., Path]) -> None:
    model = AutoModel.from_pretrained(exported("mlm"), dtype=torch.bfloat16)
    assert isinstance(model, TandemModel)
    assert {parameter.dtype for parameter in model.parameters()} == {torch.bfloat16}
    assert model(torch.tensor([[5, 6, 7]])).last_hidden_state.isfinite().all()


def test_what_sees_what_follows_cannot_generate(exported: Callable[..., Path]) -> None:
    with pytest.raises(UsageError, match="trained for mlm sees what follows"):
        transformers.AutoModelForCausalLM.from_pretrained(exported("mlm"))
    assert TandemForCausalLM(TandemConfig(**CONFIG, sees="past", objective="clm")).can_generate()


def test_a_wrong_expression_is_one_line() -> None:
    with pytest.raises(UsageError, match="lstn"):
        TandemForSequenceClassification(TandemConfig(**{**CONFIG, "encoder": "lstn"}))
