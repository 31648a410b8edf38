"""`asyncjira completion`."""

from __future__ import annotations

import click

__all__ = ["completion"]


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> int:
    """Print what teaches a shell to complete commands, options and the names of sites.

    \b
    eval "$(asyncjira completion bash)"                                    # ~/.bashrc, bash 4.4+
    eval "$(asyncjira completion zsh)"                                     # ~/.zshrc, after compinit
    asyncjira completion fish > ~/.config/fish/completions/asyncjira.fish  # once
    """
    from click.shell_completion import get_completion_class

    complete = get_completion_class(shell)
    if complete is None:  # click knows these three since 8.0
        raise click.UsageError(f"click knows no {shell}")
    # By this variable click is asked by the script, and hears it in main().
    click.echo(complete(ctx.find_root().command, {}, "asyncjira", "_ASYNCJIRA_COMPLETE").source(), nl=False)
    return 0
