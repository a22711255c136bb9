"""A causal language model for `AutoModelForCausalLM`, which goes on from its state when it generates."""

from typing import Any

from torch import Tensor
from transformers import GenerationMixin
from transformers.modeling_outputs import CausalLMOutputWithPast

from tandem.core.errors import UsageError
from tandem.interop.config import TandemConfig
from tandem.interop.headed import TandemHeaded
from tandem.nn.state import mapped


class State:
    """The state of an encoder behind `length` tokens, in the place of a cache of keys and values."""

    def __init__(self, inner: Any, length: int) -> None:
        self.inner, self.length = inner, length

    def get_seq_length(self) -> int:
        """How many tokens were read."""
        return self.length

    def reorder_cache(self, rows: Tensor) -> None:
        """Other rows of the batch, as a search over beams asks for."""
        self.inner = mapped(self.inner, lambda tensor: tensor.index_select(0, rows))


class TandemForCausalLM(TandemHeaded, GenerationMixin):  # type: ignore[misc, unused-ignore]
    """Scores of the token behind each position; a text begins with [CLS] and ends with [SEP]."""

    objectives = ("clm", "mixed")

    def __init__(self, config: TandemConfig) -> None:
        if (config.usually or config.sees) != "past" or config.both_ways:
            raise UsageError(
                f"an encoder that was trained for {config.objective} sees what follows: it cannot generate"
            )
        super().__init__(config)

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        past_key_values: State | None = None,
        labels: Tensor | None = None,
        use_cache: bool | None = None,
        logits_to_keep: int = 0,
        output_hidden_states: bool | None = None,
        return_dict: bool | None = None,
    ) -> CausalLMOutputWithPast | tuple[Tensor, ...]:
        """Ids (B, T) to scores (B, T, V), or of the last `logits_to_keep` positions.

        The loss is of each label (-100: none) from the position in front of it. `past_key_values` is what this call
        gave for the ids before these; it gives none for a batch with padding, which has to be read whole.
        """
        all_text = attention_mask is None or bool(attention_mask.bool().all())
        layers = None
        if past_key_values is not None or (use_cache and all_text and input_ids.shape[1] and not output_hidden_states):
            encoder = self.tandem.encoder
            before = State(encoder.start(len(input_ids)), 0) if past_key_values is None else past_key_values
            inner, hidden = encoder.extend(before.inner, input_ids)
            past_key_values = State(inner, before.length + input_ids.shape[1])
        else:
            found = self.tandem(input_ids, attention_mask, token_type_ids, output_hidden_states)
            hidden, layers = found.last_hidden_state, found.hidden_states
        logits = self.scored(hidden[:, -logits_to_keep:])
        loss = None if labels is None else self.loss_function(logits, labels, vocab_size=self.config.vocab_size)
        output = CausalLMOutputWithPast(loss, logits, past_key_values, layers)
        return output.to_tuple() if return_dict is False else output

    def prepare_inputs_for_generation(
        self,
        input_ids: Tensor,
        past_key_values: State | None = None,
        attention_mask: Tensor | None = None,
        use_cache: bool | None = None,
        logits_to_keep: int = 0,
        **_: Any,
    ) -> dict[str, Any]:
        """What `forward` is given for the next token: the ids that its state has not read."""
        read = 0 if past_key_values is None else past_key_values.length
        return {
            "input_ids": input_ids[:, read:], "attention_mask": attention_mask, "use_cache": use_cache,
            "past_key_values": past_key_values, "logits_to_keep": logits_to_keep,
        }  # fmt: skip

    @classmethod
    def _supports_default_dynamic_cache(cls) -> bool:
        """No: a state is made by the model."""
        return False
