"""The public pages of the tracker: paste numbers, follow them, read where each parcel is and what to do."""
