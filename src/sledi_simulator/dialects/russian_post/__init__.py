"""Russian Post: single access (rtm34) and batch access (fc)."""

from sledi_simulator.dialects.russian_post.single import RussianPost

__all__ = ["RussianPost"]
