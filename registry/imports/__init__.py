"""Bringing lists and certificates in: read, previewed, applied as one unit, and taken back as one."""
