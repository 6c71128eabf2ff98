"""How points behave: pure functions on frozen values. Time comes in as an argument; no environment, no AWS."""
