"""A programmable PDF writer: revisions, fields, deliberate faults, attacks."""
