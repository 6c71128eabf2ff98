"""The public contract: what requests and answers say. No HTTP."""
