"""Certificates: who holds which, since when, until when, and every change on the way."""
