"""What was told, and the proof of it."""
