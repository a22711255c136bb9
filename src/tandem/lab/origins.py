"""Where a run's first weights come from: chance, a finished run of ours, or a pretrained BERT."""

from pathlib import Path

from tandem.core.config import SCRATCH, Recipe, checked_recipe
from tandem.core.errors import ArtifactError, UsageError
from tandem.core.tables import ModelTable, TokenizerTable
from tandem.lab.assemble import build_model, build_objective, objective_of
from tandem.lab.folder import OpenRun, RunFolder, open_run
from tandem.lab.initial import Initial, Source, taken_over
from tandem.nn.both_ways import BothWays
from tandem.nn.chain import Chain
from tandem.nn.graft import series_of
from tandem.nn.layout import parse
from tandem.nn.pretrained import STEM, pretrained_weights, read_pretrained
from tandem.text.models import model_folder
from tandem.text.tokenizer import Tokenizer
from tandem.text.tokenizers.pretrained import lower_cases, read_bert_tokenizer

HF = "hf:"


def initial_of(recipe: Recipe) -> Initial | None:
    """What `recipe` begins with, None where it begins from scratch.

    Raises:
        UsageError: there is no such model, or the recipe contradicts it. ArtifactError: it is damaged.
        DataError: it cannot be fetched.
    """
    if recipe.init == SCRATCH:
        return None
    if recipe.init.startswith(HF):
        source = source_of_bert(recipe.init.removeprefix(HF))
    else:
        source = source_of_run(Path(recipe.init))
    return taken_over(recipe, source, objective_of(recipe))


def resolved(recipe: Recipe) -> Recipe:
    """`recipe` with all that it takes over written out.

    Raises:
        As `initial_of`.
    """
    initial = initial_of(recipe)
    return recipe if initial is None else initial.recipe


def open_encoder(path: Path) -> OpenRun:
    """A finished run, or the pretrained BERT that `hf:NAME` or `hf:FOLDER` names, as it is: its heads are new.

    Raises:
        What `open_run` and `source_of_bert` raise.
    """
    name = str(path)
    if not name.startswith(HF):
        return open_run(path)
    source = source_of_bert(name.removeprefix(HF))
    longest = min(len(tensor) for key, tensor in source.weights.items() if key.endswith(".table"))
    content = {"init": name, "task": "mlm-nsp", "data": {"length": longest}, "budget": {"steps": 1}}
    recipe = checked_recipe(content, where=name)
    initial = taken_over(recipe, source, objective_of(recipe))
    objective = build_objective(initial.recipe, initial.tokenizer, ())
    model = build_model(initial.recipe, objective)
    initial.give(model)
    return OpenRun(RunFolder(path), initial.recipe, objective, model)


def source_of_run(path: Path) -> Source:
    """The encoder of a finished run.

    Raises:
        UsageError: no such run. ArtifactError: it is not finished, or damaged.
    """
    try:
        run = open_run(path)
    except UsageError as error:
        raise UsageError(f'init = "{path}": {error} (init is scratch, a run folder, or hf:NAME)') from None
    return encoder_of(run)


def encoder_of(run: OpenRun) -> Source:
    """What a recipe takes over of an opened run."""
    encoder, table = run.model.encoder, run.recipe.model
    body = encoder.body.ahead if isinstance(encoder.body, BothWays) else encoder.body
    assert isinstance(body, Chain)
    segments = 0 if encoder.segments is None else encoder.segments.num_embeddings
    return Source(
        name=str(run.folder.path),
        stem=(),
        inner=parse(run.recipe.encoder),
        model=table.model_copy(update={"segments": segments, "both_ways": body is not encoder.body}),
        free=frozenset({"dropout", "embedding_dropout"}),
        tokenizer_table=run.recipe.tokenizer,
        tokenizer=run.objective.tokenizer,
        framed=bool(run.objective.frame.behind),
        sees="both" if encoder.flexible else "past",
        steps=len(body.steps),
        normed=body.norm is not None,
        weights={name: weight.detach() for name, weight in encoder.named_parameters()},
    )


def source_of_bert(name: str) -> Source:
    """The pretrained BERT `name`: a folder, an installed package that brings one, or a name on the hub.

    Raises:
        UsageError: there is none, or it is no BERT. DataError: it cannot be fetched. ArtifactError: it is damaged.
    """
    folder = model_folder(name)
    found, inner = read_pretrained(folder), read_bert_tokenizer(folder)
    try:
        tokenizer = Tokenizer(inner)
    except ArtifactError as error:
        raise UsageError(f"{folder}: {error}") from None
    if tokenizer.size > found.vocabulary:
        raise ArtifactError(f"{folder}: {tokenizer.size} tokens, and vectors for {found.vocabulary}")
    model = ModelTable(
        width=found.width, feedforward=found.feedforward, activation=found.activation, epsilon=found.epsilon,
        positions="none", segments=found.segments,
    )  # fmt: skip
    return Source(
        name=f"{HF}{name}",
        stem=series_of(parse(STEM)),
        inner=parse(found.body),
        model=model,
        free=frozenset({"dropout", "embedding_dropout", "merge", "block", "positions"}),
        tokenizer_table=TokenizerTable(kind="wordpiece", size=tokenizer.size, cased=not lower_cases(inner)),
        tokenizer=tokenizer,
        framed=True,
        sees="both",
        steps=len(series_of(parse(STEM))) + found.layers,
        normed=False,
        weights=pretrained_weights(found),
    )
