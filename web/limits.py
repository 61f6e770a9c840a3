"""A limit on requests per address, in memory: a bucket of tokens that fills at a steady rate."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable


class RateLimit:
    """Allows `burst` requests at once and `rate` a second on average for each key; forgets the least recent keys.

    A rate of 0 allows everything.
    """

    def __init__(self, rate: float, burst: int, keys: int = 10_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._keys, self._clock = rate, burst, keys, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def allow(self, key: str) -> bool:
        """Take one token of `key`; `False` where none is left."""
        if not self._rate:
            return True
        now = self._clock()
        with self._lock:
            tokens, last = self._buckets.pop(key, (float(self._burst), now))
            tokens = min(self._burst, tokens + (now - last) * self._rate)
            allowed = tokens >= 1
            self._buckets[key] = (tokens - 1 if allowed else tokens, now)
            if len(self._buckets) > self._keys:
                self._buckets.popitem(last=False)
            return allowed
