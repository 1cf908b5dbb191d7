"""The signed documents of the demonstration."""
