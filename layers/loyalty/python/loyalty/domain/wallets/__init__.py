"""What a wallet says."""
