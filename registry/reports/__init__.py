"""Reports: numbers about the register as of any day."""
