"""`python -m asyncjira`."""

from asyncjira.cli import main

main()
