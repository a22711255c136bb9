"""Keras in the way of the founding notebook: every text padded to full length, and a softmax at every position.

The notebook's loss counts every position; here only the hidden tokens have weight, so that all learn the same.
"""

import os

import numpy as np
import tensorflow as tf
from keras import Model, callbacks, layers, losses, metrics, optimizers
from rows import load, masked
from turns import Turns, settings, versions

WARM_UP = 2


class Paused(callbacks.Callback):
    """Gives the turn back between steps; a batch is counted as so many average texts."""

    def __init__(self, turns: Turns, tokens: float) -> None:
        super().__init__()
        self.turns, self.tokens, self.steps = turns, tokens, 0

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:
        """Waits for the next turn when this one is over."""
        self.steps += 1
        if self.turns.begun:
            self.turns.step(round(self.tokens))
        elif self.steps == WARM_UP:
            compiled = f"jit_compile {self.model.jit_compile}"
            self.turns.begin(f"{versions('keras')}, tensorflow {tf.__version__}, {compiled}")


def built(kind: str, sizes: dict[str, int], dropout: float) -> Model:
    """The notebook's model for an expression; an LSTM alone masks padding there and watches its accuracy."""
    width, length, is_lstm = sizes["width"], sizes["length"], "attention" not in kind
    inputs = layers.Input((length,), dtype="int64")
    words = layers.Embedding(sizes["vocabulary"], width, mask_zero=is_lstm)(inputs)
    branches = []
    if not is_lstm:
        hidden = words + layers.Embedding(length, width)(tf.range(length))
        for _ in range(sizes["layers"]):
            mixed = layers.MultiHeadAttention(sizes["heads"], width // sizes["heads"])(hidden, hidden, hidden)
            hidden = layers.LayerNormalization(epsilon=1e-6)(hidden + layers.Dropout(dropout)(mixed))
            fed = layers.Dense(width)(layers.Dense(4 * width, activation="relu")(hidden))
            hidden = layers.LayerNormalization(epsilon=1e-6)(hidden + layers.Dropout(dropout)(fed))
        branches.append(hidden)
    if "lstm" in kind:
        hidden = words
        for _ in range(2):
            hidden = layers.Dropout(dropout)(layers.LSTM(width, return_sequences=True)(hidden))
        branches.append(hidden)
    hidden = branches[0] if len(branches) == 1 else layers.Add()(branches)
    model = Model(inputs, layers.Dense(sizes["vocabulary"], activation="softmax")(hidden))
    model.compile(
        optimizers.Adam(1e-3),
        loss=losses.SparseCategoricalCrossentropy(),
        metrics=[metrics.SparseCategoricalAccuracy()] if is_lstm else [],
        weighted_metrics=[],
    )
    return model


def main() -> None:
    """Trains until the benchmark ends."""
    asked = settings()
    # As many threads as torch takes from the same variable; 0 is all cores.
    tf.config.threading.set_intra_op_parallelism_threads(int(os.environ.get("OMP_NUM_THREADS", "0")))
    rows, sizes = load(asked["rows"]), asked["sizes"]
    # As in the notebook, masks are drawn once.
    inputs, labels = masked(rows.ids, rows.lengths, np.random.default_rng(0), sizes)
    weights = (labels != -100).astype(np.float32)
    data = tf.data.Dataset.from_tensor_slices((inputs, np.maximum(labels, 0), weights))
    turns = Turns()
    pausing = Paused(turns, asked["batch"] * float(rows.lengths.mean()))
    model = built(asked["encoder"], sizes, asked["dropout"])
    model.fit(
        # A last batch of another size would be compiled anew.
        data.shuffle(1000).batch(asked["batch"], drop_remainder=True).repeat(),
        epochs=1,
        callbacks=[pausing],
        verbose=0,
        steps_per_epoch=10**9,
    )


if __name__ == "__main__":
    main()
