"""Pages for every order, item, parcel, haul and case, made from the profile of the business."""
