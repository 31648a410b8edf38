"""How the documentation is built: `sphinx-build -W docs OUT`."""

import asyncjira

project, author = "asyncjira", "The asyncjira authors"
copyright = "2026, The asyncjira authors"  # noqa: A001 - the name that Sphinx wants
version = release = asyncjira.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_click"]
html_theme = "furo"
html_title = "asyncjira"
myst_heading_anchors = 3
default_role = "code"  # what our docstrings mean by `x`
autodoc_member_order = "groupwise"
autodoc_typehints = "description"
autodoc_typehints_format = "short"
