"""A finished run as a folder that transformers or sentence-transformers open."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors
from transformers import GenerationConfig

from tandem.core.errors import ResourceError, UsageError, disk_errors, unknown
from tandem.core.files import remove, sync_folder
from tandem.core.parts import options
from tandem.interop.card import card, snippet
from tandem.interop.causal import TandemForCausalLM
from tandem.interop.config import TandemConfig
from tandem.interop.headed import TandemForMaskedLM, TandemForSequenceClassification, TandemForTokenClassification
from tandem.interop.pretrained import TandemModel, TandemPreTrainedModel
from tandem.interop.tokenizer import fast_tokenizer
from tandem.lab.corpora import task_of
from tandem.lab.folder import OpenRun
from tandem.lab.text_vectors import pooling_of
from tandem.nn.both_ways import BothWays
from tandem.nn.pair_heads import CrossHead
from tandem.nn.positions import Positions

CLASSES: dict[str, type[TandemPreTrainedModel]] = {
    "mlm": TandemForMaskedLM,
    "mlm-nsp": TandemForMaskedLM,
    "mixed": TandemForCausalLM,
    "clm": TandemForCausalLM,
    "bilm": TandemModel,
    "classify": TandemForSequenceClassification,
    "cross": TandemForSequenceClassification,
    "siamese": TandemModel,
    "tag": TandemForTokenClassification,
}
"""What a run of an objective becomes; a `TandemModel` is the encoder alone."""
LIBRARIES = ("transformers", "sentence-transformers")


@dataclass(frozen=True)
class Exported:
    """Where an export is, and what to type to load it."""

    folder: Path
    snippet: str


def export(run: OpenRun, *, to: str, out: Path, force: bool = False) -> Exported:
    """Writes `run` into the folder `out`, which appears whole or not at all.

    `to` is `transformers` or `sentence-transformers`. With `force` an export that is there is replaced.

    Raises:
        UsageError: the library has nothing like this objective, or `out` is taken. ResourceError: the disk is full.
    """
    if to not in LIBRARIES:
        raise unknown("library", to, LIBRARIES, "--to")
    kind = _class_of(run, to)
    _check_free(out, run, force=force)
    usage = snippet(run, kind, out, to=to)
    with _whole(out) as folder:
        _save(run, kind, folder)
        if to == "sentence-transformers":
            from tandem.interop.sentence_transformers import add_pooling

            add_pooling(
                folder, pooling_of(run.model).kind, width=run.model.encoder.width, length=run.recipe.data.length
            )
        (folder / "README.md").write_text(card(run, kind, usage, to=to), encoding="utf-8")
    return Exported(out, usage)


def _class_of(run: OpenRun, to: str) -> type[TandemPreTrainedModel]:
    name = task_of(run.recipe).objective
    if name not in CLASSES:
        raise UsageError(f"{run.folder.path}: {to} has nothing like a run of {name} (legal: {', '.join(CLASSES)})")
    if to == "sentence-transformers":
        return TandemModel
    if getattr(run.objective, "characters", 0):
        raise UsageError(
            f"{run.folder.path}: its head reads the letters of words (objective.characters), which transformers has no "
            "way to hand over; train with objective.characters = 0"
        )
    return CLASSES[name]


def _check_free(out: Path, run: OpenRun, *, force: bool) -> None:
    if out.exists() and not out.is_dir():
        raise UsageError(f"--out {out}: a file, not a folder")
    own = run.folder.path.resolve()
    if out.resolve() in (own, *own.parents):
        raise UsageError(f"--out {out}: holds the run itself; choose another folder")
    if out.is_dir() and any(out.iterdir()):
        if not _is_export(out):
            raise UsageError(f"--out {out}: the folder holds something else than an export; choose another folder")
        if not force:
            raise UsageError(f"--out {out}: the folder is not empty; --force replaces it")


def _is_export(folder: Path) -> bool:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(config, dict) and config.get("model_type") == TandemConfig.model_type


@contextmanager
def _whole(out: Path) -> Iterator[Path]:
    """A new folder to write into, which takes the place of `out` when the block ends; a failure leaves nothing."""
    beside, before = (out.parent / f".{out.name}.{os.getpid()}.{name}.tmp" for name in ("new", "old"))
    try:
        with disk_errors(out):
            beside.mkdir(parents=True)
            yield beside
            for file in filter(Path.is_file, beside.rglob("*")):
                with file.open("rb") as written:
                    os.fsync(written.fileno())
            if out.exists():
                out.rename(before)
            beside.rename(out)
            sync_folder(out.parent)
    except safetensors.SafetensorError as error:
        raise ResourceError(f"{out}: the weights cannot be written ({error}); nothing half-written stays") from None
    finally:
        if before.exists() and not out.exists():
            before.rename(out)
        remove(beside)
        remove(before)


def _save(run: OpenRun, kind: type[TandemPreTrainedModel], folder: Path) -> None:
    """Config, weights and tokenizer."""
    tokenizer = fast_tokenizer(run.objective, length=run.recipe.data.length)
    model = wrapped(run, kind)
    if isinstance(model, TandemForCausalLM):
        # As our own generation, which never draws what is no text, the end of it apart.
        banned = [number for number in run.objective.tokenizer.special_ids if number != tokenizer.eos_token_id]
        model.generation_config = GenerationConfig(
            bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id, suppress_tokens=banned,
        )  # fmt: skip
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def wrapped(run: OpenRun, kind: type[TandemPreTrainedModel]) -> TandemPreTrainedModel:
    """The model of `run` in a class of transformers, with a copy of its weights."""
    model = kind(_config(run))
    prefix = "" if kind is TandemModel else "tandem."
    state = {f"{prefix}encoder.{name}": tensor for name, tensor in run.model.encoder.state_dict().items()}
    if kind is not TandemModel:
        state |= {f"head.{name}": tensor for name, tensor in run.model.head.state_dict().items()}
    model.load_state_dict(state)
    model.eval()
    return model


def _config(run: OpenRun) -> TandemConfig:
    encoder, table, objective = run.model.encoder, run.recipe.model, run.objective
    written: dict[str, Any] = {name: option.default for name, option in options(type(objective)).items()}
    ends = [part.max_length for part in encoder.modules() if isinstance(part, Positions) and part.table is not None]
    is_score = isinstance(run.model.head, CrossHead) and not objective.labels
    labels = {0: "score"} if is_score else dict(enumerate(objective.labels))
    return TandemConfig(
        encoder=str(encoder.layout),
        objective=task_of(run.recipe).objective,
        objective_options=written | run.recipe.objective,
        vocab_size=encoder.embedding.num_embeddings,
        width=encoder.embedding.embedding_dim,
        length=max([run.recipe.data.length, *ends]),
        sees=objective.sees,
        usually=objective.usually,
        both_ways=isinstance(encoder.body, BothWays),
        segments=0 if encoder.segments is None else encoder.segments.num_embeddings,
        positions=table.positions,
        merge=table.merge,
        block=table.block,
        feedforward=table.feedforward,
        activation=table.activation,
        epsilon=table.epsilon,
        dropout=table.dropout,
        embedding_dropout=table.embedding_dropout,
        problem_type="regression" if is_score else None,
        **({"id2label": labels, "label2id": {name: number for number, name in labels.items()}} if labels else {}),
    )
