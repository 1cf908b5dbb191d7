"""The register: which agency, person and device holds which certificate, and what follows from it."""
