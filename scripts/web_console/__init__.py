"""The build of the web console: Node, its packages, the built files, and the check that they agree with the sources."""
