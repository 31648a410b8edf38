"""What a pull did, and when: recorded while it runs, told afterwards in the terminal and on a page of its own."""
