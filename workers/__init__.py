"""Slow, risky and outbound work, done by calling the services of `registry` and the judgements of `certs`."""
