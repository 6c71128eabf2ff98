"""Everything that leaves the product: events and queues."""
