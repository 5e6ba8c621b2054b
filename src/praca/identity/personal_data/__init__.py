"""What every room keeps about a person, for his copy of it and for its erasure.

``identity`` imports no room above it: each room implements :class:`PersonalDataHolder`, and the
entry points put them together.
"""

from praca.identity.personal_data.holders import PersonalDataHolder, RefusingHolder
from praca.identity.personal_data.service import PersonalData

__all__ = ["PersonalData", "PersonalDataHolder", "RefusingHolder"]
