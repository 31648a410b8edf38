"""One run: workers over a plan, merged in order, delivered, checked, and told in a manifest."""
