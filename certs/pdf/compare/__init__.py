"""What changed between revisions, and which rule explains it (ISO 32000-2, 12.8.2)."""
