"""Requests and answers about movements of points."""
