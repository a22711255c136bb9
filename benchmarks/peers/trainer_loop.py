"""transformers' Trainer with BertForMaskedLM, at its defaults but for sizes, batch and learning rate."""

import tempfile
from typing import Any

import torch
from held_out import held_out_loss
from rows import load
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
from turns import Turns, settings, versions

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
        if self.seconds is None:
            return
        # Steps that warm up learn nothing: their seconds are not counted.
        spent = self.turns.clock / self.seconds if self.turns.begun else 0.0
        factor = min(spent / WARM_SHARE, max(0.0, (1 - spent) / (1 - WARM_SHARE)))
        for group in more["optimizer"].param_groups:
            group["lr"] = self.rate * factor

    def on_step_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """Waits for the next turn when this one is over."""
        if self.turns.begun:
            self.turns.step(self.trainer.tokens)
        elif state.global_step == WARM_UP:
            self.turns.begin(versions("torch", "transformers", "accelerate"))


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
            **dict.fromkeys(("hidden_dropout_prob", "attention_probs_dropout_prob"), asked["dropout"]),
        )
    )
    turns = Turns(lambda: loss(model, asked))
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


def loss(model: BertForMaskedLM, asked: dict[str, Any]) -> float:
    """The held-out loss, in nats for each hidden token."""
    model.eval()
    found = held_out_loss(
        lambda ids, mask, places: model(input_ids=ids, attention_mask=mask).logits[places],
        load(asked["held_out"]), batch=asked["batch"], device=model.device,
    )  # fmt: skip
    model.train()
    return found


if __name__ == "__main__":
    main()
