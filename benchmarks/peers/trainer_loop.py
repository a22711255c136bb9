"""transformers' Trainer with BertForMaskedLM, at its defaults but for sizes, batch and learning rate."""

import tempfile
from typing import Any

import numpy as np
import torch
from rows import Rows, load
from torch.nn import functional as F
from transformers import (
    BertConfig,
    BertForMaskedLM,
    DataCollatorForLanguageModeling,
    PreTrainedTokenizerFast,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    set_seed,
)
from turns import Turns, settings

WARM_UP = 2
LEARNING_RATE = 5e-4
WARM_SHARE = 0.05


class Counting(Trainer):
    """Counts the tokens of text that it trains on."""

    tokens = 0

    def training_step(self, model: Any, inputs: Any, *rest: Any, **more: Any) -> Any:
        """One step, as ever."""
        self.tokens = int(inputs["attention_mask"].sum())
        return super().training_step(model, inputs, *rest, **more)


class Paused(TrainerCallback):
    """Gives the turn back between steps, and lowers the learning rate with the share of the seconds that is spent."""

    def __init__(self, turns: Turns, seconds: float | None, rate: float) -> None:
        self.turns, self.seconds, self.rate = turns, seconds, rate
        self.trainer: Counting

    def on_step_begin(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """Sets the rate: linear up for a twentieth, then linear down, as Tandem's default."""
        if self.seconds is None or not self.turns.begun:
            return
        spent = self.turns.clock / self.seconds
        factor = min(spent / WARM_SHARE, max(0.0, (1 - spent) / (1 - WARM_SHARE)))
        for group in more["optimizer"].param_groups:
            group["lr"] = self.rate * factor

    def on_step_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """Waits for the next turn when this one is over."""
        if self.turns.begun:
            self.turns.step(self.trainer.tokens)
        elif state.global_step == WARM_UP:
            self.turns.begin()


def main() -> None:
    """Trains until the benchmark ends."""
    asked = settings()
    rows, sizes = load(asked["rows"]), asked["sizes"]
    set_seed(0)
    names = asked["tokens"]
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=asked["tokenizer"], pad_token=names["pad"], mask_token=names["mask"], unk_token=names["unknown"]
    )
    model = BertForMaskedLM(
        BertConfig(
            vocab_size=sizes["vocabulary"],
            hidden_size=sizes["width"],
            num_hidden_layers=sizes["layers"],
            num_attention_heads=sizes["heads"],
            intermediate_size=4 * sizes["width"],
            max_position_embeddings=sizes["length"],
            **asked.get("dropout", {}),
        )
    )
    turns = Turns(lambda: loss(model, load(asked["held_out"]), asked["batch"]))
    rate = asked.get("learning_rate", LEARNING_RATE)
    pausing = Paused(turns, asked.get("seconds"), rate)
    with tempfile.TemporaryDirectory() as folder:
        trainer = Counting(
            model=model,
            args=TrainingArguments(
                output_dir=folder,
                max_steps=10**7,
                per_device_train_batch_size=asked["batch"],
                learning_rate=rate,
                lr_scheduler_type="constant",
                bf16=asked["precision"] == "bf16",
                use_cpu=not torch.cuda.is_available(),
                save_strategy="no",
                logging_strategy="no",
                report_to=[],
                disable_tqdm=True,
            ),
            train_dataset=[
                {"input_ids": ids[:length].tolist()} for ids, length in zip(rows.ids, rows.lengths, strict=True)
            ],
            data_collator=DataCollatorForLanguageModeling(tokenizer),
            callbacks=[pausing],
        )
        pausing.trainer = trainer
        trainer.train()


@torch.no_grad()
def loss(model: BertForMaskedLM, rows: Rows, batch: int) -> float:
    """The held-out loss, in nats for each hidden token."""
    model.eval()
    total = count = 0.0
    for start in range(0, len(rows.ids), batch):
        some = slice(start, start + batch)
        ids, labels = (torch.from_numpy(each[some]).to(model.device) for each in (rows.ids, rows.labels))
        mask = torch.from_numpy(np.arange(ids.shape[1])[None] < rows.lengths[some, None]).to(model.device)
        scores = model(input_ids=ids, attention_mask=mask).logits
        places = labels != -100
        total += float(F.cross_entropy(scores[places].float(), labels[places], reduction="sum"))
        count += int(places.sum())
    model.train()
    return total / count


if __name__ == "__main__":
    main()
