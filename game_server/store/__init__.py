"""The only durable thing: logs of events, and the queries beside them."""
