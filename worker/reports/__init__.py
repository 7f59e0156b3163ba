"""Reports: what the store knows, as data that the command line and the pages show."""
