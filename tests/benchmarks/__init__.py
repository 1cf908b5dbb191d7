"""Benchmarks: run by hand, never asserted on a shared machine."""
