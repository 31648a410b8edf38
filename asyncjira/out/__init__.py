"""Where bytes go: lines or one array, compressed or not, into a file that appears only when it is whole."""
