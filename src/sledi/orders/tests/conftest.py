"""A business of each profile, its people, and orders in it."""

from sledi.orders.tests.stage import committed_stage as committed_stage
from sledi.orders.tests.stage import stage as stage
