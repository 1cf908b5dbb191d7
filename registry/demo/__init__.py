"""The demonstration province, and the one command that runs everything on one machine."""
