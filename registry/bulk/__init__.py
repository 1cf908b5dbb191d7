"""One change for many certificates: chosen, previewed, recorded as one unit."""
