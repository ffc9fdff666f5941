"""The same for many, of which one that fails stops none of the others."""

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def for_each(some: Iterable[T], do: Callable[[T], object]) -> None:
    """ExceptionGroup of what failed, once all have had their turn."""
    failures = []
    for one in some:
        try:
            do(one)
        except Exception as error:
            failures.append(error)
    if failures:
        raise ExceptionGroup("some of many", failures)
