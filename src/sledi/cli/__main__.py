import sys

from sledi.cli import main

sys.exit(main())
