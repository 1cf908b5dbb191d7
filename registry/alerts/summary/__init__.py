"""The weekly summary for the administrators of the province, and doing without it."""
