"""Programs and tier structures: definitions, the recalculation of members, and customers' tiers."""
