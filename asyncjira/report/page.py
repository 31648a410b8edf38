"""A run as one HTML file that loads nothing from anywhere."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files

import orjson

from asyncjira.errors import ConfigError
from asyncjira.report.facts import Facts
from asyncjira.report.sections import escaped, sections, title

__all__ = ["page"]

_EXPORTS = "window.vegaEmbed = vegaEmbed;"  # what page.js uses of the bundle


def page(facts: Facts) -> str:
    """Return the page of a run. Raises ConfigError where the extra `report` is not installed.

    What came from a server or a query is text in it, whatever it holds. Should any of it run all the same, the page's
    own policy lets no script run but its two, and nothing be loaded or sent: https://www.w3.org/TR/CSP3/
    """
    try:
        from vl_convert import javascript_bundle

        from asyncjira.report.charts import charts
    except ImportError:
        raise ConfigError("a page needs altair and vl-convert: pip install 'asyncjira[report]'") from None
    drawn = charts(facts)
    scripts = [_in_script(javascript_bundle(_EXPORTS)), _in_script(_file("page.js"))]
    policy = (
        f"default-src 'none'; script-src {' '.join(map(_hash, scripts))}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{escaped(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{escaped(title(facts))}</title>
<link rel="icon" href="data:,">
<style>
{_file("page.css")}</style>
</head>
<body>
{sections(facts, drawn)}
<script type="application/json" id="charts">{_in_data(orjson.dumps(drawn).decode())}</script>
<script>{scripts[0]}</script>
<script>{scripts[1]}</script>
</body>
</html>
"""


def _file(name: str) -> str:
    return files("asyncjira.report").joinpath(name).read_text(encoding="utf-8")


def _in_script(code: str) -> str:
    """Return JavaScript in which nothing ends the element that it stands in.

    https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements
    """
    return code.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _in_data(text: str) -> str:
    return text.replace("<", "\\u003c")


def _hash(script: str) -> str:
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"
