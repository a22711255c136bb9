"""The pipelines of transformers say what our own commands say."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import transformers

import tandem.interop.transformers  # noqa: F401
from tandem.lab.answers import answers
from tandem.lab.fill_mask import fill_mask
from tandem.lab.folder import OpenRun
from tandem.lab.generate import Sampling, generate

RunOf, Exported = Callable[[str], OpenRun], Callable[..., Path]


@pytest.mark.parametrize("name", ["mlm", "mlm-nsp", "mixed"])
def test_fill_mask(name: str, run_of: RunOf, exported: Exported) -> None:
    run = run_of(name)
    everything = run.objective.tokenizer.size
    ask = transformers.pipeline("fill-mask", model=str(exported(name)), top_k=everything)
    said = ask(f"We wait for the {ask.tokenizer.mask_token} wind.")
    special = set(run.objective.tokenizer.special_ids)
    shares = {guess["token"]: guess["score"] for guess in said if guess["token"] not in special}
    ours = fill_mask(run.model, run.objective, "We wait for the [MASK] wind.", top=5)[0]
    # We give special tokens no probability; transformers leaves them theirs.
    words = sum(shares.values())
    number = {run.objective.tokenizer.token(one): one for one in shares}
    for guess in ours:
        assert shares[number[guess.token]] / words == pytest.approx(guess.probability, abs=1e-5)


@pytest.mark.parametrize("name", ["classify", "attentive"])
def test_text_classification(name: str, run_of: RunOf, exported: Exported) -> None:
    ask = transformers.pipeline("text-classification", model=str(exported(name)), top_k=None)
    said = {guess["label"]: guess["score"] for guess in ask(["day 3 is cold"])[0]}
    ours = answers(run_of(name).model, run_of(name).objective, "day 3 is cold", top=2)[0]
    assert said == pytest.approx({guess.token: guess.probability for guess in ours}, abs=1e-5)
    assert said.keys() == {"cold", "warm"}


def test_a_score_is_on_the_scale_of_the_corpus(run_of: RunOf, exported: Exported) -> None:
    ask = transformers.pipeline("text-classification", model=str(exported("cross-score")))
    (said,) = ask([{"text": "day 3 is cold", "text_pair": "it is cold"}])
    assert said["label"] == "score"
    low, high = run_of("cross-score").model.head.scale.ends.tolist()
    assert (low, high) == (0.5, 4.5)
    assert low <= said["score"] <= high


def test_token_classification(run_of: RunOf, exported: Exported) -> None:
    ask = transformers.pipeline("token-classification", model=str(exported("tag")))
    assert {one["entity"] for one in ask("day 3 blows")} <= {"N", "X", "V"}
    assert ask.model.config.id2label == dict(enumerate(run_of("tag").objective.labels))


@pytest.mark.parametrize("name", ["clm", "mixed"])
def test_text_generation(name: str, run_of: RunOf, exported: Exported) -> None:
    run = run_of(name)
    ours = "".join(generate(run, "We wait", tokens=6, sampling=Sampling(temperature=0.0)))
    model = transformers.AutoModelForCausalLM.from_pretrained(exported(name))
    tokenizer = transformers.AutoTokenizer.from_pretrained(exported(name))
    prompt = tokenizer("We wait", return_tensors="pt")
    read = []
    model.tandem.encoder.embedding.register_forward_hook(lambda _, given, __: read.append(given[0].shape[1]))
    found = [
        model.generate(**prompt, max_new_tokens=6, do_sample=False, use_cache=cached).tolist()
        for cached in (True, False)
    ]
    assert found[0] == found[1]
    first, new = prompt["input_ids"].shape[1], len(found[0][0]) - prompt["input_ids"].shape[1]
    assert read == [first, *[1] * (new - 1), *range(first, first + new)]
    whole = [number for number in found[0][0][1:] if number != tokenizer.eos_token_id]
    assert run.objective.tokenizer.decode(whole).endswith(ours)


def test_a_batch_of_prompts_and_a_search_over_beams(exported: Exported) -> None:
    model = transformers.AutoModelForCausalLM.from_pretrained(exported("clm"))
    tokenizer = transformers.AutoTokenizer.from_pretrained(exported("clm"), padding_side="left")
    prompts = ["We wait for the", "The wind"]

    def said(texts: list[str], **options: object) -> list[list[int]]:
        batch = tokenizer(texts, padding=True, return_tensors="pt")
        rows = model.generate(**batch, max_new_tokens=5, min_new_tokens=5, do_sample=False, **options)
        return rows[:, -5:].tolist()

    assert said(prompts) == [said([prompt])[0] for prompt in prompts]
    assert said(prompts[:1], num_beams=3) == said(prompts[:1], num_beams=3, use_cache=False)
    torch.manual_seed(0)
    ask = transformers.pipeline("text-generation", model=str(exported("clm")))
    assert ask("We wait", max_new_tokens=3)[0]["generated_text"].startswith("We wait")
