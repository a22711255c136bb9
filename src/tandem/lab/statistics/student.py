"""Student's t distribution, central and not, for any number of degrees of freedom from 1 on."""

import math

import numpy as np

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(100)
MOST_DEGREES = 1000.0
"""More make no difference that matters: the 97.5 % quantile is 1.962 here and 1.960 in the end."""


def two_sided(t: float, degrees: float) -> float:
    """The probability that |T| is at least |t|.

    With T = sqrt(degrees) tan(a) the density of the angle a is proportional to cos(a)^(degrees - 1), which Gauss's
    quadrature integrates to 14 digits.
    """
    degrees = min(degrees, MOST_DEGREES)
    return _mass(math.atan(abs(t) / math.sqrt(degrees)), degrees) / _mass(0.0, degrees)


def _mass(begin: float, degrees: float) -> float:
    half = (math.pi / 2 - begin) / 2
    return float(half * (_WEIGHTS * np.cos(begin + half * (1 + _NODES)) ** (degrees - 1)).sum())


def quantile(outside: float, degrees: float) -> float:
    """The t that |T| exceeds with the probability `outside`, which is above 0 and at most 1."""
    low, high = 0.0, 1.0
    while two_sided(high, degrees) > outside:
        low, high = high, 2 * high
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if two_sided(middle, degrees) > outside else (low, middle)
    return high


def beyond(t: float, *, shift: float, degrees: float) -> float:
    """The probability that a noncentral T, whose numerator has the mean `shift` and the deviation 1, exceeds t.

    T exceeds t where a normal number is above t W - shift, W being the root of a chi-squared number over its `degrees`;
    the density of W, proportional to w^(degrees - 1) exp(-degrees w^2 / 2), is integrated by Gauss's quadrature.
    """
    degrees = min(degrees, MOST_DEGREES)
    width = 8 / math.sqrt(2 * degrees)
    low, high = max(0.0, 1 - width), 1 + width
    w = low + (high - low) * (1 + _NODES) / 2
    density = _WEIGHTS * np.exp((degrees - 1) * np.log(w) - degrees * (w * w - 1) / 2)
    above = np.array([math.erfc((t * each - shift) / math.sqrt(2)) / 2 for each in w])
    return float((density * above).sum() / density.sum())
