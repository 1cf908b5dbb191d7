"""Mail: the outbox, the templates of each message, and the sender."""
