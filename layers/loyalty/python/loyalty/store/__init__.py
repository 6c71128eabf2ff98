"""The table: the only package that knows its keys, attribute names and conditions."""
