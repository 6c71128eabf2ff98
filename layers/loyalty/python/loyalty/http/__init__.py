"""The HTTP edge: routes, problems and parameters. Only this package, functions and telemetry use Powertools."""
