"""Accounts: people who sign in, their roles, and what part of the register they may see."""
