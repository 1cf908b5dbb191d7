"""A year of alerts, day by day: what the rules say, what happens to machines meanwhile, and what the mail server got."""
