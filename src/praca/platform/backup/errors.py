"""What can go wrong with a backup; each message says what to do, for whoever runs the command."""

__all__ = ["BackupError", "BrokenBackupError", "RestoreError"]


class BackupError(Exception):
    """A backup could not be made."""


class BrokenBackupError(BackupError):
    """A file is no backup, or not the one that was written: cut off, changed, or sealed."""


class RestoreError(BackupError):
    """A backup cannot be restored here; what was there before is untouched."""
