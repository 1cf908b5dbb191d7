"""Lists of agencies read into the tree: previewed, applied as one unit, taken back."""
