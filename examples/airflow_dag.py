"""Airflow: a mapped task pulls each slice of a Jira into a file; a retry goes on where the last try ended.

JIRA_URL, JIRA_PAT and JIRA_FOLDER stand in the environment of the workers.
"""

import asyncio
import os
from datetime import timedelta

from airflow.sdk import dag, task

import asyncjira

AT_ONCE = 2  # tasks: they share no limiter, so each takes its part of what this Jira may be asked
SLICES = [{"name": "ops", "jql": "project = OPS"}, {"name": "dev", "jql": "project = DEV"}]


async def pull_to(path: str, jql: str) -> asyncjira.Manifest:
    limits = asyncjira.Limits(concurrency=16 // AT_ONCE, rate=50 / AT_ONCE)
    auth = asyncjira.BearerAuth(os.environ["JIRA_PAT"])
    async with asyncjira.Jira(os.environ["JIRA_URL"], auth=auth, limits=limits) as jira:
        return await jira.pull_to(path, jql, resume=True, force=True)


@dag(schedule="@daily", catchup=False)
def jira_issues() -> None:
    @task
    def slices() -> list[dict[str, str]]:
        return SLICES

    @task(max_active_tis_per_dag=AT_ONCE, retries=3, retry_delay=timedelta(minutes=5))
    def pull(name: str, jql: str) -> dict[str, str | int]:
        manifest = asyncio.run(pull_to(os.path.join(os.environ["JIRA_FOLDER"], f"{name}.ndjson.gz"), jql))
        return {"name": name, "issues": manifest.issues, "guarantee": manifest.guarantee}

    pull.expand_kwargs(slices())


jira = jira_issues()
