"""What leaves the product: events and queues."""
