"""What an exported folder holds, and what is refused: each mistake is one line, and nothing half-written stays."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import transformers
from own_numbers import own_scores
from running import files_of_at_most, left_half_written, tiny, trained
from tiny_bert import bert_in
from torch.testing import assert_close
from translating import reverser

import tandem.interop.transformers  # noqa: F401
from tandem.core.errors import ResourceError, UsageError
from tandem.interop.card import card, snippet
from tandem.interop.export import CLASSES, export
from tandem.lab.folder import OpenRun, open_run

RunOf = Callable[[str], OpenRun]


def test_a_folder_holds_what_the_library_reads_and_a_card(exported: Callable[..., Path], run_of: RunOf) -> None:
    folder = exported("classify")
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md", "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json",
    ]  # fmt: skip
    config = json.loads((folder / "config.json").read_text())
    assert config["architectures"] == ["TandemForSequenceClassification"]
    assert config["id2label"] == {"0": "cold", "1": "warm"}
    assert config["encoder"] == run_of("classify").recipe.encoder
    text = (folder / "README.md").read_text()
    assert text.startswith("---\nlibrary_name: transformers\npipeline_tag: text-classification\n")
    scores = json.loads(run_of("classify").folder.scores.read_text())["scores"]["test"]
    assert f"| test | accuracy | {scores['accuracy']:.4f} |" in text
    assert snippet(run_of("classify"), CLASSES["classify"], folder, to="transformers") in text


def test_the_card_says_where_a_head_is_missing(run_of: RunOf) -> None:
    for name, alone in (("siamese", True), ("cross", False)):
        text = card(run_of(name), CLASSES[name], "", to="transformers")
        assert ("without its head" in text) == alone


def test_a_run_that_began_with_a_pretrained_bert_is_exported_as_any_other(
    book: Path, corpora: Path, tmp_path: Path
) -> None:
    bert = bert_in(tmp_path / "bert")
    corpus = {"name": "file", "path": str(corpora / "reviews.csv"), "text": "text", "label": "label"}
    changes = {"init": f"hf:{bert}", "encoder": "hf > lstm", "model": {}, "tokenizer": {}}
    recipe = tiny(book, task="classify", **changes, corpus=corpus, budget__steps=2)
    run = open_run(trained(recipe, tmp_path / "run"))
    folder = export(run, to="transformers", out=tmp_path / "out").folder
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    texts = ["the wind blows", "day"]
    with torch.no_grad():
        said = model(**tokenizer(texts, padding=True, return_tensors="pt")).logits
    assert_close(said, torch.stack([own_scores(run, text) for text in texts]), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "to", "complaint"),
    [
        ("mlm", "onnx", '--to: unknown library "onnx"'),
        ("letters", "transformers", "objective.characters"),
        ("attentive", "sentence-transformers", "no pooling = attentive (legal: mean, max, first, last)"),
    ],
)
def test_what_has_no_counterpart_is_refused(name: str, to: str, complaint: str, run_of: RunOf, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        export(run_of(name), to=to, out=tmp_path / "out")
    assert complaint in str(refused.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("to", ["transformers", "sentence-transformers"])
def test_a_translator_is_refused(to: str, tmp_path: Path) -> None:
    run = open_run(reverser(tmp_path / "run", budget={"steps": 1}))
    with pytest.raises(UsageError, match=r"nothing like a run of translate \(legal: mlm, "):
        export(run, to=to, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_is_replaced_only_by_force_and_only_when_the_new_one_is_whole(run_of: RunOf, tmp_path: Path) -> None:
    out = tmp_path / "a" / "out"
    export(run_of("mlm"), to="transformers", out=out)
    (out / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="not empty; --force replaces it"):
        export(run_of("classify"), to="transformers", out=out)
    with files_of_at_most(2000), pytest.raises(ResourceError, match="nothing half-written stays"):
        export(run_of("classify"), to="transformers", out=out, force=True)
    assert (out / "mine.txt").exists()
    assert json.loads((out / "config.json").read_text())["objective"] == "mlm"
    export(run_of("classify"), to="transformers", out=out, force=True)
    assert not (out / "mine.txt").exists()
    assert json.loads((out / "config.json").read_text())["objective"] == "classify"
    assert left_half_written(tmp_path) == []


def test_the_place_must_be_a_folder_and_not_the_run_itself(run_of: RunOf, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "mine.txt").write_text("mine")
    for name, content in (("bert", '{"model_type": "bert"}'), ("other", "[]"), ("none", "{")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text(content)
    run = run_of("mlm")
    for out, complaint in (
        (tmp_path / "file", "a file, not a folder"),
        (tmp_path / "letters", "holds something else than an export"),
        (tmp_path / "bert", "holds something else than an export"),
        (tmp_path / "other", "holds something else than an export"),
        (tmp_path / "none", "holds something else than an export"),
        (run.folder.path, "holds the run itself"),
        (run.folder.path.parent, "holds the run itself"),
    ):
        with pytest.raises(UsageError, match=complaint):
            export(run, to="transformers", out=out, force=True)
    assert (tmp_path / "letters" / "mine.txt").exists()
    assert open_run(run.folder.path).folder.complete
