"""Trust: the anchors and CA certificates that certification paths may end at or pass through."""
