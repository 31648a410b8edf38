"""Facts about Jira, without I/O: addresses, login, requests, and how to read what comes back."""
