"""Certificates and signed documents as values: bytes, policy, evidence and a time go in, judgements come out.

Nothing in this package reads a clock, a network, a database, a setting or the environment.
"""
