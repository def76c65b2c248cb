"""Build hook: turns the gettext catalogues (.po) into what the program reads (.mo)."""

from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ModuleNotFoundError:  # run as a script by ``make messages``
    BuildHookInterface = object  # type: ignore[assignment,misc]

CATALOGUES = "src/sledi/locale/*/LC_MESSAGES/*.po"


def compile_catalogues(root: Path) -> list[Path]:
    """A .mo beside every .po below ``root``, in one piece and only when it changes; all paths come back."""
    targets = []
    for source in sorted(root.glob(CATALOGUES)):
        target = source.with_suffix(".mo")
        compiled = BytesIO()
        with source.open("rb") as text:
            write_mo(compiled, read_po(text, locale=source.parent.parent.name))
        if not target.is_file() or target.read_bytes() != compiled.getvalue():
            partial = target.with_suffix(".partial")
            partial.write_bytes(compiled.getvalue())
            partial.replace(target)
        targets.append(target)
    return targets


class CustomBuildHook(BuildHookInterface):  # type: ignore[misc]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        build_data["artifacts"] += [str(path.relative_to(root)) for path in compile_catalogues(root)]


if __name__ == "__main__":
    for path in compile_catalogues(Path(__file__).parent.parent):
        print(path)
