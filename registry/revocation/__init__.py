"""Revocation: the CRLs that the register holds, where they come from, and what they say of its certificates."""
