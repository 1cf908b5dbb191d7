"""Alerts: what expires soon, who must know, and the proof that they were told."""
