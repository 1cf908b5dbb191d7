"""Web addresses that are told what the mail tells, signed, by the same ledger."""
