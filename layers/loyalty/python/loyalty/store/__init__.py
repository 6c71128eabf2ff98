"""The table: the only package with its keys, attribute names and conditions."""
