"""Agencies: who they are, where they stand in the tree, and what became of them."""
