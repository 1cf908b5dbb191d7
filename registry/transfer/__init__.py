"""The whole register as files, from which another machine makes the same register."""
