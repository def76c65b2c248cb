from django.db import migrations


class Migration(migrations.Migration):
    """Where the tries at signing in are counted, for all processes together (``CACHES``).

    Unlogged: after a crash of the server the counting starts anew, and nothing else is lost.
    """

    dependencies = [
        ("accounts", "0003_businesses"),
    ]

    operations = [
        migrations.RunSQL(
            """
            CREATE UNLOGGED TABLE accounts_cache (
                cache_key varchar(255) PRIMARY KEY,
                value text NOT NULL,
                expires timestamptz NOT NULL
            );
            CREATE INDEX accounts_cache_expires ON accounts_cache (expires);
            """,
            "DROP TABLE accounts_cache",
        ),
    ]
