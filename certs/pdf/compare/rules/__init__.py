"""Which rule explains a difference: one module for each part of a document, and none knows who asks it."""
