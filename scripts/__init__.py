"""What the Makefile calls: set-up, databases, server, tests. Standard library only, except where said."""
