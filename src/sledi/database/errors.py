"""What can go wrong with the database. Every message is for a person and ends with what to do.

DatabaseProblem
├── FolderInUse       another sledi works on this data folder: stop it, or take another folder
├── FolderRefused     the folder is somebody else's, or the server's user cannot reach it
├── ProgramsUnusable  PostgreSQL's programs are missing or do not run on this system
├── VersionRefused    the data or the server are of a PostgreSQL that does not fit
└── NotStarted        the server did not come up, or is not reachable; trying again may help
"""


class DatabaseProblem(Exception):
    """``retry`` says whether the same attempt can succeed later without anybody's help."""

    retry = False


class FolderInUse(DatabaseProblem):
    retry = True


class FolderRefused(DatabaseProblem):
    pass


class ProgramsUnusable(DatabaseProblem):
    pass


class VersionRefused(DatabaseProblem):
    pass


class NotStarted(DatabaseProblem):
    retry = True
