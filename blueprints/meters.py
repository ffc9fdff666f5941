"""How often something is asked for, counted in memory: for GETs, which write nothing.

Per process, so that the true limit is that many times the processes; and bounded.
"""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from datetime import datetime

from dialognav.domain.errors import TooMany

MOST_NAMES = 10_000


class Meter:
    """At most `limit` uses of one name in each window of `seconds`."""

    def __init__(self, limit: int, seconds: int) -> None:
        self.limit, self.seconds = limit, seconds
        self._used: OrderedDict[Hashable, tuple[int, int]] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, name: Hashable, now: datetime) -> None:
        """One more use. Raises TooMany above the limit."""
        second = int(now.timestamp())
        window = second - second % self.seconds
        with self._lock:
            began, used = self._used.pop(name, (window, 0))
            used = used + 1 if began == window else 1
            self._used[name] = window, used
            while len(self._used) > MOST_NAMES:
                self._used.popitem(last=False)
        if used > self.limit:
            raise TooMany(window + self.seconds - second)
