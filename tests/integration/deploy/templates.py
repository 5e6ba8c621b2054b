"""What both stacks' tests do with a template."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any


def faults(template: dict[str, Any], folder: Path) -> str:
    """Return what CloudFormation would not take, or warn of, as cfn-lint sees it."""
    file = folder / "template.json"
    file.write_text(json.dumps(template))
    answer = subprocess.run(  # noqa: S603  # our own template
        [
            *(Path(sys.executable).with_name("cfn-lint"), "--regions", "sa-east-1"),
            # The CDK names what is needed before, also where a reference says it already.
            *("--ignore-checks", "W3005", "--non-zero-exit-code", "warning", "--", file),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout if answer.returncode else ""
