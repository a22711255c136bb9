"""How near translations come to references: BLEU and chrF."""

from collections.abc import Sequence
from dataclasses import dataclass

from tandem.core.errors import UsageError


@dataclass(frozen=True)
class Nearness:
    """BLEU and chrF from 0 to 100, with sacrebleu's signatures, which say how each was computed.

    Source: Papineni et al. 2002 (BLEU); Popovic 2015 (chrF); Post 2018 (signatures).
    """

    bleu: float
    chrf: float
    bleu_signature: str
    chrf_signature: str


def nearness(translations: Sequence[str], references: Sequence[str], *, lower: bool = False) -> Nearness:
    """The scores of `translations` against one reference each; with `lower`, capitals make no difference.

    Raises:
        UsageError: the extra `eval` is not installed.
    """
    try:
        from sacrebleu.metrics.bleu import BLEU
        from sacrebleu.metrics.chrf import CHRF
    except ModuleNotFoundError:
        raise UsageError("BLEU and chrF need the extra eval: pip install -e '.[eval]' in the clone") from None
    bleu, chrf = BLEU(lowercase=lower), CHRF(lowercase=lower)
    scored = [metric.corpus_score(translations, [references]).score for metric in (bleu, chrf)]
    signatures = [str(metric.get_signature()) for metric in (bleu, chrf)]
    return Nearness(*scored, *signatures)
