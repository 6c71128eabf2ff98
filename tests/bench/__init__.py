"""What the product costs, compared with bare boto3 and with what teams build instead."""
