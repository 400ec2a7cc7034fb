"""The Wilson lower bound, as plain arithmetic. The database computes the same in a generated column. Pure."""

import math
from typing import Final

Z: Final = 1.96  # two-sided confidence of 95 %


def lower_bound(positive: float, total: float, z: float = Z) -> float:
    """Return the share of positive evidence that there is at least, with the confidence that `z` means.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927.

    Args:
        positive: Weighted evidence for the trace, 0 to `total`.
        total: All weighted evidence.
        z: Quantile of the normal distribution.

    Returns:
        A number from 0 to 1; 0 where there is no evidence.

    Raises:
        ValueError: The counts are negative, or more is positive than there is.
    """
    if not 0 <= positive <= total:
        raise ValueError(f"{positive} of {total} cannot be")
    if total == 0:
        return 0.0
    share = positive / total
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    bound = (share + z * z / (2 * total) - spread) / (1 + z * z / total)
    return max(0.0, bound)  # without any positive evidence the difference may round to just below 0
