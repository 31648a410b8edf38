"""The only place with a network or a clock."""
