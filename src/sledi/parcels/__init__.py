"""A business's parcels and line-haul shipments: their numbers with periods, weights, contents' frame."""
