"""Documents: how to deploy, what to do at night, what the system looks like, how it is restored and rolled back."""

from devopslint.documentation.names import HEADINGS, PLACES
from devopslint.registry import Domain, FileKind

_ENDINGS = (".md", ".markdown", ".mdx", ".adoc", ".asciidoc", ".rst")
_OF_DIAGRAMS = (".drawio", ".puml", ".plantuml", ".mmd", ".mermaid", ".excalidraw")
_UNREAD = (".docx", ".odt", ".pdf", ".ipynb", ".org", ".textile")

DOMAIN = Domain(
    "documentation",
    kinds=(
        FileKind(
            "document",
            "devopslint.documentation.documents:DocumentFile",
            place=PLACES,
            signs=(".md", ".markdown", ".adoc", ".asciidoc", ".rst", "readme"),
            endings=_ENDINGS,
            mark=HEADINGS,
            reads="devopslint.documentation.names:is_of_operations",
            vendored=True,
        ),
    ),
    known=(*_ENDINGS, *_OF_DIAGRAMS, *_UNREAD),
    witnesses="devopslint.documentation.witnesses:witnesses",
)
