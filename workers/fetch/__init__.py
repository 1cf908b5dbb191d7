"""All outbound HTTP: bounded in time and size, and unable to reach inside."""

from workers.fetch.client import Answer, OutboundClient, OutboundError

__all__ = ["Answer", "OutboundClient", "OutboundError"]
