"""What a model is built from, as transformers keeps it: `config.json`."""

from collections.abc import Sequence
from typing import Any

from transformers import PretrainedConfig

from tandem.core.choices import Activation, BlockStyle, Merge, PositionKind, Sees
from tandem.core.parts import load_class
from tandem.nn.encoder import Encoder
from tandem.nn.layout import parse
from tandem.objectives.base import Objective
from tandem.text.tokenizer import LEAST_IDS, train_tokenizer

OBJECTIVES = "tandem.objectives"


class TandemConfig(PretrainedConfig):  # type: ignore[misc, unused-ignore]
    """An encoder as an expression with its sizes, and the objective whose head stands on it.

    `sees`, `usually`, `both_ways` and `segments` are those of the objective that the encoder was trained for. `length`
    is the longest text in tokens that it has seen. Class names are in `id2label`, as is usual in transformers.
    """

    model_type = "tandem"
    attribute_map = {"max_position_embeddings": "length"}  # noqa: RUF012 - transformers asks for a class attribute

    def __init__(
        self,
        *,
        encoder: str = "attention*2",
        objective: str = "mlm",
        objective_options: dict[str, Any] | None = None,
        vocab_size: int = 4000,
        width: int = 128,
        length: int = 64,
        sees: Sees = "both",
        usually: Sees | None = None,
        both_ways: bool = False,
        segments: int = 0,
        positions: PositionKind = "rotary",
        merge: Merge = "sum",
        block: BlockStyle | None = None,
        feedforward: int | None = None,
        activation: Activation = "gelu",
        epsilon: float = 1e-5,
        dropout: float = 0.1,
        embedding_dropout: float = 0.0,
        **others: Any,
    ) -> None:
        self.encoder, self.vocab_size, self.width, self.length = encoder, vocab_size, width, length
        self.objective, self.objective_options = objective, objective_options or {}
        self.sees, self.usually, self.both_ways, self.segments = sees, usually, both_ways, segments
        self.positions, self.merge, self.block, self.feedforward = positions, merge, block, feedforward
        self.activation, self.epsilon = activation, epsilon
        self.dropout, self.embedding_dropout = dropout, embedding_dropout
        super().__init__(**others)

    @property
    def hidden_size(self) -> int:
        """The units of a hidden state, by the name that other tools ask for."""
        return 2 * self.width if self.both_ways else self.width


def encoder_of(config: TandemConfig) -> Encoder:
    """A new encoder with the first weights of our own.

    Raises:
        UsageError: the expression or an option of it is wrong.
    """
    encoder = Encoder(
        parse(config.encoder),
        vocabulary=config.vocab_size,
        width=config.width,
        sees=config.sees,
        max_length=config.length,
        positions=config.positions,
        merge=config.merge,
        block=config.block,
        feedforward=config.feedforward,
        activation=config.activation,
        epsilon=config.epsilon,
        dropout=config.dropout,
        embedding_dropout=config.embedding_dropout,
        segments=config.segments,
        both_ways=config.both_ways,
    )
    for mixer in encoder.flexible if config.usually else []:
        mixer.sees = config.usually or mixer.sees
    return encoder


def objective_of(name: str, options: dict[str, Any], labels: Sequence[str]) -> Objective:
    """An objective for the sake of its head, which depends on options and labels and on no word of a text."""
    stand_in = train_tokenizer(["a"], kind="char", size=LEAST_IDS)
    return load_class(OBJECTIVES, name, Objective)(stand_in, tuple(labels), **options)  # type: ignore[type-abstract]
