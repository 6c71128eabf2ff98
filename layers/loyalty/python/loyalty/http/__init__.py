"""How a call is answered: routes, problems, parameters. Powertools is used here, and in functions and telemetry."""
