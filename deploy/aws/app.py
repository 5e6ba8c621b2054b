"""The CDK's application: ``npx aws-cdk@2 deploy`` in this folder runs it."""

from pathlib import Path

from aws_cdk import App

from deploy.aws.options import Options
from deploy.aws.stack import QuestionsStack

__all__ = ["build"]

FUNCTION_FOLDER = Path(__file__).parent / "build" / "function"


def build(app: App, function_folder: Path = FUNCTION_FOLDER) -> QuestionsStack:
    """Add the stack to ``app``, with the options of its context.

    Raises:
        FileNotFoundError: the functions' folder was not made; ``build.py`` makes it.
    """
    if not function_folder.is_dir():
        raise FileNotFoundError(f"{function_folder}: run deploy/aws/build.py first")
    return QuestionsStack(app, "PracaQuestions", Options.of(app.node), function_folder)


if __name__ == "__main__":
    application = App()
    build(application)
    application.synth()
