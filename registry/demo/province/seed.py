"""One source of chance for the whole province, so that the same day always gives the same register."""

from random import Random


def seeded(*parts: object) -> Random:
    """A generator for what `parts` name, independent of all others. Never for keys."""
    return Random("/".join(map(str, ("demonstration province", *parts))))  # noqa: S311
