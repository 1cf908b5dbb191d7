"""Verifications: documents handed in, and the verdicts on them."""
