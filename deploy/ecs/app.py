"""The CDK's application: ``npx aws-cdk@2 deploy`` in this folder runs it."""

from aws_cdk import App

from deploy.ecs.options import Options
from deploy.ecs.stack import CityStack, RepositoryStack

__all__ = ["build"]


def build(app: App) -> CityStack:
    """Add both stacks to ``app``, with the options of its context; return the city's."""
    RepositoryStack(app, "PracaRepository")
    return CityStack(app, "Praca", Options.of(app.node))


if __name__ == "__main__":
    application = App()
    build(application)
    application.synth()
