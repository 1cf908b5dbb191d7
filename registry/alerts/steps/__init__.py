"""The steps that an agency has of its own."""
