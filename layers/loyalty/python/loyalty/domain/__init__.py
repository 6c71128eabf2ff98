"""The rules of points: pure functions on frozen values. Time is an argument; no environment, no AWS."""
