"""`make messages`: bring every language's files up to the sources, and say what is left to translate."""

from tests.messages.catalogs import as_mo, as_po, languages, merged, mo_file, po_file
from tests.messages.faults import faults


def main() -> None:
    """Write the .po and .mo files of each language."""
    for language in languages():
        catalog = merged(language)
        po_file(language).write_bytes(as_po(catalog))
        mo_file(language).write_bytes(as_mo(catalog))
        found = faults(catalog)
        print(f"{language}: {len(catalog)} messages, {len(found)} to do")
        for fault in found:
            print(f"  {fault}")


if __name__ == "__main__":
    main()
