"""Entering the items of an import, one module for each kind of thing that an item may say."""
