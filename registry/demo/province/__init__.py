"""The demonstration province: a register in the shape of the real one, made at first start, the same every time."""

from registry.demo.province.fill import fill

__all__ = ["fill"]
