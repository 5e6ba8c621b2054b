"""What every test of the infrastructure needs before the CDK's process starts."""

import os

# The CDK checks templates by rules of its own, which takes three times as long as to make them;
# cfn-lint looks at them here.
os.environ.setdefault("CDK_VALIDATION", "false")
