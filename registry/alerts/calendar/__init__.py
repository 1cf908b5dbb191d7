"""The calendar of the mails to come."""
