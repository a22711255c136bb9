"""The tables of a recipe: which keys each has, of which type, and their defaults."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from tandem.core.choices import (
    Activation,
    BlockStyle,
    CompileMode,
    Decay,
    Keep,
    Merge,
    OptimiserName,
    Pack,
    PositionKind,
    Precision,
    TokenizerKind,
)


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


Count = Annotated[int, BeforeValidator(_whole), Field(ge=1)]
"""A positive whole number; TOML's 2e6 counts as one."""
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Table(BaseModel):
    """A table of a recipe: unknown keys and wrong types are errors."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class ModelTable(Table):
    """`[model]`: sizes, and what holds where the encoder expression writes nothing.

    `dropout` follows every mixer and feed-forward network, `embedding_dropout` the vectors that the body reads.

    Some objectives ask for `segments`, kinds of text with a vector of their own, or read `both_ways`, by a second body
    that begins at the end of a text. Set here, an encoder has them under any objective, as one taken over may.
    """

    width: Count = 128
    positions: PositionKind = "rotary"
    merge: Merge = "sum"
    block: BlockStyle | None = None
    feedforward: Count | None = None
    activation: Activation = "gelu"
    epsilon: Positive = 1e-5
    dropout: Share = 0.1
    embedding_dropout: Share = 0.0
    segments: Annotated[int, Field(ge=0)] = 0
    both_ways: bool = False


class TokenizerTable(Table):
    """`[tokenizer]`: the kind, and how many ids it may have.

    `cased` keeps capitals and accents where the kind would drop them, `lower` drops capitals where it would keep them.
    With `byte_fallback` nothing is unknown. `boundaries` gives `words` the tokens [CLS] and [SEP], which the other
    kinds always have.
    """

    kind: TokenizerKind = "wordpiece"
    size: Count = 4000
    cased: bool = False
    lower: bool = False
    byte_fallback: bool = False
    boundaries: bool = False


class DataTable(Table):
    """`[data]`: how running text is cut into sequences of at most `length` tokens."""

    pack: Pack = "windows"
    length: Count = 64


class OptimiserTable(Table):
    """`[optimiser]`: `clip` bounds the norm of the gradient; `momentum` is Muon's."""

    name: OptimiserName = "adamw"
    learning_rate: Positive = 1e-3
    weight_decay: NotNegative = 0.01
    betas: tuple[Share, Share] = (0.9, 0.98)
    epsilon: Positive = 1e-8
    momentum: Share = 0.95
    clip: Positive = 1.0

    @model_validator(mode="before")
    @classmethod
    def _betas_are_a_pair(cls, values: Any) -> Any:
        if isinstance(values, dict) and isinstance(values.get("betas"), list):
            return {**values, "betas": tuple(values["betas"])}
        return values


class ScheduleTable(Table):
    """`[schedule]`: the learning rate as a function of the share of the budget that is spent."""

    warmup: Share = 0.05
    decay: Decay = "linear"
    floor: Share = 0.0


class BudgetTable(Table):
    """`[budget]`: exactly one of optimiser steps, tokens read, training FLOPs or seconds of training."""

    steps: Count | None = None
    tokens: Count | None = None
    flops: Positive | None = None
    seconds: Positive | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> "BudgetTable":
        if len(self.model_fields_set) != 1:
            raise ValueError("exactly one of steps, tokens, flops and seconds is needed")
        return self


class TransferTable(Table):
    """`[transfer]`: how what was taken over is trained on.

    `freeze` leaves it as it is, without dropout. `layer_decay` multiplies the learning rate once more for each layer
    further down, the embedding last (Howard and Ruder 2018; Clark et al. 2020). `head_rate` multiplies that of all that
    is new.
    """

    freeze: bool = False
    layer_decay: Annotated[float, Field(gt=0, le=1)] = 1.0
    head_rate: Positive = 1.0

    @model_validator(mode="after")
    def _what_is_frozen_has_no_rate(self) -> "TransferTable":
        if self.freeze and self.layer_decay != 1:
            raise ValueError("freeze and layer_decay exclude each other: what is frozen is not trained at any rate")
        return self


class TrainTable(Table):
    """`[train]`: batches, precision, how often to look and to save, and which weights to keep.

    A batch holds `batch_tokens` positions. `compile` is a mode of torch.compile for the encoder's training passes;
    `reduce-overhead` records CUDA graphs, one for each size of a batch, and is `default` on a CPU. Evaluation comes
    every `evaluate_every` of the budget, on `evaluate_tokens` tokens of the validation split. A checkpoint comes every
    `checkpoint_seconds`. The finished run has its `last` weights, or those of its `best` evaluation; after `patience`
    evaluations without a better one training ends before its budget does. With `adversarial` every batch is learnt a
    second time, the embeddings of each row moved against the loss by that share of their own length.
    """

    batch_tokens: Count = 4096
    precision: Precision = "auto"
    compile: CompileMode = "none"
    evaluate_every: Annotated[float, Field(gt=0, le=1)] = 0.1
    evaluate_tokens: Count = 20_000
    checkpoint_seconds: NotNegative = 30.0
    keep: Keep = "last"
    patience: Count | None = None
    adversarial: Share = 0.0

    @model_validator(mode="after")
    def _patience_waits_for_something(self) -> "TrainTable":
        if self.patience is not None and self.keep != "best":
            raise ValueError('patience waits for a better evaluation: set keep = "best" too')
        return self
