"""What a parcel counts as when it is bulky."""


def volumetric_g(length_mm: int, width_mm: int, height_mm: int, divisor: int) -> int:
    """Volumetric weight in grams, a begun gram counted whole. ``divisor``: cubic centimetres to a kilogram.

    Cubic millimetres over cubic centimetres a kilogram are grams: both thousands cancel out.
    """
    return -(-length_mm * width_mm * height_mm // divisor)
