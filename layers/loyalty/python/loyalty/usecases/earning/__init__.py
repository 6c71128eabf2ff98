"""Earning: events become awards of campaigns."""
