"""Decisions without I/O: what to ask next, what is in order, when to wait, when to give up."""
