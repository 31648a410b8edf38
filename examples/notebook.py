"""A notebook, cell by cell (in VS Code and JupyterLab's jupytext): Jira's issues in a pandas.DataFrame.

JIRA_URL=https://jira.example.com JIRA_PAT=... jupyter lab
"""

# %%
import os

import pandas as pd

import asyncjira

# %% `fetch` has an event loop of its own, so the one that a notebook runs is not in its way
issues = asyncjira.fetch(
    os.environ["JIRA_URL"],
    "project = OPS",
    auth=asyncjira.BearerAuth(os.environ["JIRA_PAT"]),
    fields=["summary", "status", "priority", "assignee", "created"],
)

# %%
frame = pd.json_normalize(issues).set_index("key")
frame["created"] = pd.to_datetime(frame["fields.created"], utc=True)

# %%
months = frame["created"].dt.strftime("%Y-%m")
frame.groupby([months, "fields.status.name"]).size().unstack(fill_value=0)
