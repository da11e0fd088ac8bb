"""`python -m labkit` is the command line."""

from labkit.collecting import seldom

with seldom():
    from labkit.cli import main

    main()
