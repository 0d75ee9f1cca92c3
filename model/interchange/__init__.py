"""To and from the formats and interfaces of others: networks, events, programs."""
