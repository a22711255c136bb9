"""BertForMaskedLM under transformers' Trainer, on batches, at rates and with settings that are given one by one."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import IterableDataset
from trainer_loop import loss
from transformers import BertConfig, BertForMaskedLM, Trainer, TrainerCallback, TrainingArguments, set_seed


class Given(IterableDataset[dict[str, torch.Tensor]]):
    """The batches that Tandem reads, in its order and with its masks, as `benchmarks.same_loss` wrote them."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder, self.count = folder, count

    def __iter__(self) -> Iterator[dict[str, torch.Tensor]]:
        for number in range(self.count):
            with np.load(self.folder / f"{number}.npz") as file:
                yield {name: torch.from_numpy(file[name].astype(np.int64)) for name in file.files}


class Scheduled(Trainer):
    """Takes each step at the rate that is given for it."""

    factors: list[float]

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:
        """The rates as a scheduler of torch."""
        factors = [*self.factors, 0.0]
        self.lr_scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer or self.optimizer, factors.__getitem__)
        return self.lr_scheduler


class Looking(TrainerCallback):
    """Asks for the held-out loss after some of the steps, and says it on a line of its own."""

    def __init__(self, model: BertForMaskedLM, asked: dict[str, Any], answers: Any) -> None:
        self.model, self.asked, self.answers = model, asked, answers

    def on_step_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """Answers where this step is asked for."""
        if state.global_step in self.asked["looks"]:
            self.look(state.global_step)

    def look(self, step: int) -> None:
        """The loss now."""
        print(json.dumps({"step": step, "loss": loss(self.model, self.asked)}), file=self.answers, flush=True)


def main() -> None:
    """Saves the first weights where Tandem finds them, trains, and tells the losses."""
    with open(sys.argv[1], encoding="utf-8") as file:
        asked: dict[str, Any] = json.load(file)
    # What libraries print goes to stderr.
    answers, sys.stdout = sys.stdout, sys.stderr
    set_seed(asked["seed"])
    nothing = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    model = BertForMaskedLM(BertConfig(**asked["config"], **nothing))
    model.save_pretrained(asked["first"])
    looking = Looking(model, asked, answers)
    looking.look(0)
    settings, steps = asked["optimiser"], len(asked["factors"])
    trainer = Scheduled(
        model=model,
        args=TrainingArguments(
            output_dir=asked["out"],
            max_steps=steps,
            per_device_train_batch_size=1,
            learning_rate=settings["learning_rate"],
            weight_decay=settings["weight_decay"],
            adam_beta1=settings["betas"][0],
            adam_beta2=settings["betas"][1],
            adam_epsilon=settings["epsilon"],
            max_grad_norm=settings["clip"],
            bf16=asked["precision"] == "bf16",
            use_cpu=not torch.cuda.is_available(),
            save_strategy="no",
            logging_strategy="no",
            report_to=[],
            disable_tqdm=True,
        ),
        train_dataset=Given(Path(asked["batches"]), steps),
        # A batch is one element of the data set.
        data_collator=lambda elements: elements[0],
        callbacks=[looking],
    )
    trainer.factors = asked["factors"]
    trainer.train()


if __name__ == "__main__":
    main()
