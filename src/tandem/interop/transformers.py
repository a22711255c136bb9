"""Importing this module makes the Auto classes and pipelines of transformers open an exported folder."""

from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
    PreTrainedTokenizerFast,
)

from tandem.interop.causal import TandemForCausalLM
from tandem.interop.config import TandemConfig
from tandem.interop.headed import (
    TandemForMaskedLM,
    TandemForSequenceClassification,
    TandemForTokenClassification,
)
from tandem.interop.pretrained import TandemModel

AutoConfig.register(TandemConfig.model_type, TandemConfig)
AutoTokenizer.register(TandemConfig, fast_tokenizer_class=PreTrainedTokenizerFast)
AutoModel.register(TandemConfig, TandemModel)
AutoModelForCausalLM.register(TandemConfig, TandemForCausalLM)
AutoModelForMaskedLM.register(TandemConfig, TandemForMaskedLM)
AutoModelForSequenceClassification.register(TandemConfig, TandemForSequenceClassification)
AutoModelForTokenClassification.register(TandemConfig, TandemForTokenClassification)
