"""What a recipe becomes when it begins with a run of ours: the same hidden states under another objective."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from running import tiny, trained

from tandem.core.config import Recipe, read_recipe
from tandem.core.errors import ArtifactError, UsageError
from tandem.lab.assemble import Assembly, assemble, check
from tandem.lab.card import write_card
from tandem.lab.evaluate import evaluate_run
from tandem.lab.events import Notice
from tandem.lab.folder import RunFolder, open_run
from tandem.lab.initial import Initial
from tandem.lab.origins import initial_of, resolved, source_of_run
from tandem.lab.run import train_run

WORDS = {"tokenizer__kind": "words", "tokenizer__boundaries": True}
SOURCES: dict[str, dict[str, Any]] = {
    "mlm": {"encoder": "attention*2", "model__dropout": 0.3, "model__positions": "learned"},
    "rotary": {"encoder": "attention*2"},
    "clm": {"task": "clm", "encoder": "lstm*2"},
    "bilm": {"task": "bilm", "encoder": "gru > attention"},
    "mixed": {"task": "mixed", "encoder": "attention | lstm"},
    "mlm-nsp": {"task": "mlm-nsp", "encoder": "attention"},
}
IDS = torch.randint(5, 40, (3, 16), generator=torch.Generator().manual_seed(0))
MASK = torch.arange(16)[None, :] < torch.tensor([16, 4, 9])[:, None]

Begin = Callable[..., Recipe]


@pytest.fixture(scope="module")
def library(book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The book in sixty files, each a document."""
    folder, days = tmp_path_factory.mktemp("library"), book.read_text(encoding="utf-8").split("\n\n")
    for number in range(60):
        (folder / f"{number}.txt").write_text("\n\n".join(days[4 * number : 4 * number + 4]), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def runs(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a finished run of each source."""
    folder = tmp_path_factory.mktemp("sources")
    for name, changes in SOURCES.items():
        trained(tiny(library, budget__steps=2, **WORDS, **changes), folder / name)
    return folder


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("reviews") / "reviews.csv"
    lines = [f"The {wind} wind blows on day {day}.,{wind}" for day in range(90) for wind in ("spring", "winter")]
    path.write_text("text,label\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def begin(runs: Path, reviews: Path, library: Path) -> Begin:
    """A recipe that begins with one of the runs; `classify` unless another task is asked for."""

    def recipe(source: str, *, task: str = "classify", **changes: Any) -> Recipe:
        absent = {"encoder": "", "model": {}, "tokenizer": {}}
        text = reviews if task == "classify" else library
        return tiny(text, task=task, **{"init": str(runs / source), **absent, **changes})

    return recipe


def begun(recipe: Recipe) -> tuple[Initial, Assembly]:
    initial = initial_of(recipe)
    assert initial is not None
    return initial, assemble(initial.recipe, initial=initial)


@torch.no_grad()
@pytest.mark.parametrize("source", SOURCES)
def test_a_classifier_reads_the_hidden_states_of_the_run(source: str, begin: Begin, runs: Path) -> None:
    run = open_run(runs / source)
    initial, assembly = begun(begin(source))
    assert initial.tokenizer.fingerprint == run.objective.tokenizer.fingerprint == assembly.store.tokenizer.fingerprint
    encoder = assembly.model.eval().encoder
    with run.model.eval().encoder.seeing("both"):
        expected = run.model.encoder(IDS, MASK)
    assert torch.equal(encoder(IDS, MASK)[MASK], expected[MASK])
    assert encoder.width == run.model.encoder.width == (32 if source == "bilm" else 16)
    assert bool(encoder.flexible) == (source not in ("clm", "bilm"))


@torch.no_grad()
@pytest.mark.parametrize(
    ("source", "task"),
    [("mlm", "mlm"), ("mlm", "mixed"), ("mlm", "mlm-nsp"), ("mlm-nsp", "mlm"), ("mlm-nsp", "mlm-nsp"),
     ("clm", "clm"), ("clm", "mlm"), ("bilm", "bilm")],
)  # fmt: skip
def test_pretraining_goes_on_with_the_hidden_states_of_the_run(
    source: str, task: str, begin: Begin, runs: Path
) -> None:
    initial, assembly = begun(begin(source, task=task))
    own, theirs = assembly.model.eval().encoder, open_run(runs / source).model.eval().encoder
    segments = (MASK & (IDS > 20)).long() if source == "mlm-nsp" else None
    with own.seeing("both"):
        hidden = own(IDS, MASK, segments)
    if source == "mlm" and task == "mlm-nsp":
        # The vectors of segments are new here: the first one's is what differs.
        with torch.no_grad():
            own.segments.weight.zero_()
        hidden = own(IDS, MASK)
    assert torch.equal(hidden[MASK], theirs(IDS, MASK, segments)[MASK])
    assert (own.segments is not None) == ("mlm-nsp" in (source, task))
    head = {name for name in assembly.model.weights() if name.startswith("head")}
    assert head
    assert not head & initial.weights.keys()


@torch.no_grad()
@pytest.mark.parametrize(
    ("written", "built", "place"),
    [
        ("attention*2 > lstm", "attention*2 > norm > lstm", "norm > lstm"),
        ("attention*2 > norm > lstm", "attention*2 > norm > lstm", "norm > lstm"),
        ("attention*2 > positions[kind=sinusoid] > lstm",
         "positions[kind=learned] > attention*2 > norm > positions[kind=sinusoid] > lstm", "positions"),
        ("(attention*2 | lstm)[merge=gate]", "(attention*2 | lstm)[merge=gate]", "branch"),
    ],
)  # fmt: skip
def test_what_is_written_behind_or_beside_it_is_new(
    written: str, built: str, place: str, begin: Begin, runs: Path
) -> None:
    initial, assembly = begun(begin("mlm", encoder=written))
    assert initial.recipe.encoder == built
    encoder, inner = assembly.model.eval().encoder, open_run(runs / "mlm").model.eval().encoder
    chain = encoder.body.steps[0].branches[0] if place == "branch" else encoder.body
    hidden = encoder.embedded(IDS)
    for step in chain.steps[: len(inner.body.steps) + (place != "branch")]:
        hidden = step(hidden, MASK)
    assert torch.equal((chain.norm(hidden) if place == "branch" else hidden)[MASK], inner(IDS, MASK)[MASK])
    new = {name for name in assembly.model.weights() if name.startswith("encoder")} - initial.weights.keys()
    assert new
    assert not any("embedding" in name for name in new)


def test_a_recipe_that_was_written_out_is_the_same_recipe(begin: Begin) -> None:
    for recipe in (begin("mlm", encoder="attention*2 > lstm"), begin("clm"), begin("bilm"), begin("mlm-nsp")):
        once = resolved(recipe)
        assert once != recipe
        assert resolved(once) == once
    assert resolved(begin("clm")).encoder == "lstm[sees=past]*2"
    assert resolved(begin("bilm")).model.both_ways
    assert resolved(begin("mlm-nsp")).model.segments == 2


def test_texts_are_framed_where_those_of_the_run_were_unless_it_is_written(begin: Begin, tmp_path: Path) -> None:
    assert [resolved(begin(source)).objective for source in ("mlm", "clm", "bilm", "mlm-nsp")] == [
        *[{}] * 3, {"framed": True},
    ]  # fmt: skip
    assert resolved(begin("mlm-nsp", objective={"framed": False})).objective == {"framed": False}
    framed = trained(begin("mlm", objective={"framed": True}), tmp_path / "framed")
    assert resolved(begin("mlm", init=str(framed))).objective == {"framed": True}


def test_dropout_is_that_of_the_run_unless_it_is_written(begin: Begin) -> None:
    assert resolved(begin("mlm")).model.dropout == 0.3
    assert resolved(begin("mlm", model={"dropout": 0.0, "width": 16})).model.dropout == 0.0


@pytest.mark.parametrize(
    ("source", "changes", "message"),
    [
        ("mlm", {"model": {"width": 32}}, r'model\.width = 32: init = ".*/mlm" brings 16; leave the key out'),
        ("mlm", {"tokenizer": {"kind": "bpe"}}, r"tokenizer\.kind = 'bpe': init = .* brings 'words'"),
        ("mlm", {"encoder": "lstm"}, r'encoder = "lstm": init = ".*/mlm" brings "attention\*2"; leave encoder out'),
        ("mlm", {"encoder": "hf > lstm"}, r'encoder = "hf > lstm": init = .* brings "attention\*2"'),
        ("mlm", {"data__length": 32}, r"data\.length = 32: the learned positions of init = .* end at 16"),
        ("mlm", {"task": "clm"}, r"its encoder sees both sides; task clm lets a position see the past only"),
        ("rotary", {"task": "bilm"}, "its encoder sees both sides; task bilm"),
        ("clm", {"task": "bilm"}, "its encoder reads a text from one end; task bilm reads it from both"),
        ("bilm", {"task": "mlm"}, "its hidden states have two halves; task mlm tells tokens from one"),
        (
            "nowhere",
            {},
            r'init = ".*nowhere": .*no such run folder \(legal: [^()]*\) '
            r"\(init is scratch, a run folder, or hf:NAME\)",
        ),
    ],
)
def test_what_does_not_fit_is_told_in_one_line(
    source: str, changes: dict[str, Any], message: str, begin: Begin
) -> None:
    with pytest.raises(UsageError, match=message) as refused:
        initial_of(begin(source, **changes))
    assert "\n" not in str(refused.value)


def test_positions_without_a_table_have_no_end(begin: Begin) -> None:
    assert resolved(begin("rotary", data__length=64)).data.length == 64


def test_a_run_that_is_not_finished_or_damaged_is_refused(runs: Path, begin: Begin, tmp_path: Path) -> None:
    shutil.copytree(runs / "clm", tmp_path / "half")
    (tmp_path / "half/scores.json").unlink()
    with pytest.raises(ArtifactError, match="has not finished"):
        source_of_run(tmp_path / "half")


def test_halves_are_refused_where_tokens_are_told(book: Path) -> None:
    with pytest.raises(UsageError, match=r"model\.both_ways = true: hidden states then have two halves, and task mlm"):
        check(tiny(book, model__both_ways=True))


def test_a_finished_run_needs_nothing_of_the_one_it_began_with(runs: Path, begin: Begin, tmp_path: Path) -> None:
    shutil.copytree(runs / "bilm", tmp_path / "source")
    recipe = begin("bilm", init=str(tmp_path / "source"), transfer={"layer_decay": 0.5})
    folder = trained(recipe, tmp_path / "run")
    # The command that trained it finds it complete.
    assert any(isinstance(event, Notice) and "complete already" in event.text for event in train_run(recipe, folder))
    shutil.rmtree(tmp_path / "source")
    run = open_run(folder)
    assert run.recipe.init == str(tmp_path / "source")
    scores = evaluate_run(run, split="validation").to_json()
    logged = RunFolder(folder).read_json(folder / "scores.json", "scores")["scores"]["validation"]
    assert {name: scores[name] for name in logged} == logged
    write_card(RunFolder(folder), command="tandem train")
    assert f"Trained from the weights of `{tmp_path / 'source'}` by Tandem" in (folder / "README.md").read_text()


def test_what_is_frozen_keeps_every_bit_and_the_head_learns(begin: Begin, tmp_path: Path) -> None:
    recipe = begin("mlm", encoder="attention*2 > lstm", transfer={"freeze": True}, optimiser__learning_rate=0.01)
    initial, assembly = begun(recipe)
    before = {name: weight.clone() for name, weight in assembly.model.weights().items()}
    after = open_run(trained(recipe, tmp_path / "run")).model.weights()
    still = {name for name in before if torch.equal(after[name], before[name])}
    assert still == initial.weights.keys() | {name for name in before if "bias_hh" in name}


def test_what_is_frozen_has_no_dropout_no_gradient_and_costs_no_backward(begin: Begin) -> None:
    recipe = begin("mlm", encoder="attention*2 > lstm", transfer={"freeze": True}, model={"dropout": 0.5})
    _, assembly = begun(recipe)
    model = assembly.model.train()
    first, second, norm, new = model.encoder.body.steps[1:]
    assert [module.training for module in (first, second, norm, new)] == [False, False, False, True]
    hidden = model.encoder.embedded(IDS)
    for step in model.encoder.body.steps[:-1]:
        hidden = step(hidden, MASK)
    assert not hidden.requires_grad
    assert model.frozen_flops(16) == first.flops(16) + second.flops(16)
    assert model.encoder.flops(16) == model.frozen_flops(16) + new.flops(16)
    assert model.eval().training is False


def test_a_frozen_encoder_under_a_head_without_weights_is_refused(begin: Begin, tmp_path: Path) -> None:
    scores = {"name": "similarity", "rows": 120}
    recipe = begin("mlm", task="siamese", corpus=scores, transfer={"freeze": True})
    with pytest.raises(
        UsageError, match=r"transfer\.freeze = true: .* task siamese .* nothing is left to train; leave freeze out"
    ):
        begun(recipe)
    _, assembly = begun(
        begin("mlm", task="siamese", corpus=scores, encoder="attention*2 > lstm", transfer={"freeze": True})
    )
    assert any(weight.requires_grad for weight in assembly.model.parameters())


def test_rates_fall_towards_the_embedding_and_the_head_has_its_own(begin: Begin) -> None:
    _, assembly = begun(begin("mlm", transfer={"layer_decay": 0.9, "head_rate": 5.0}))
    expected = {
        "encoder.body.steps.1.": 0.9,
        "encoder.embedding.": 0.81,
        "encoder.body.steps.0.table": 0.81,
        "head.": 5,
    }
    for prefix, factor in expected.items():
        found = {rate for name, rate in assembly.rates.items() if name.startswith(prefix)}
        assert [*found] == [pytest.approx(factor)], prefix
    assert not any(name.startswith(("encoder.body.steps.2.", "encoder.body.norm")) for name in assembly.rates)


def test_a_config_that_was_written_reads_as_the_recipe_that_was_trained(begin: Begin, tmp_path: Path) -> None:
    recipe = begin("clm", encoder="lstm*2 > attention")
    folder = trained(recipe, tmp_path / "run")
    assert read_recipe(folder / "config.toml") == resolved(recipe)
    assert read_recipe(folder / "config.toml").encoder == "lstm[sees=past]*2 > attention"
