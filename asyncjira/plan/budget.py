"""What the retries of a whole pull may cost."""

from __future__ import annotations

import msgspec

__all__ = ["RetryBudget"]


class RetryBudget(msgspec.Struct):
    """The tokens that the retries of one pull may use up: botocore's retry quota, with its prices.

    `is_spent` from the first retry on that it could not pay for: whatever failed then is final.

    https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
    """

    capacity: int
    spent: int = 0
    is_spent: bool = False

    def take(self, cost: int) -> bool:
        """Take `cost` tokens; False where fewer are left."""
        if self.spent + cost > self.capacity:
            self.is_spent = True
            return False
        self.spent += cost
        return True

    def succeeded(self) -> None:
        """Give one token back."""
        self.spent = max(0, self.spent - 1)
