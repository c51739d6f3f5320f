"""Change records: what was changed, by whom, how it is undone, and who approves it."""

from devopslint.registry import Domain, FileKind

DOMAIN = Domain(
    "records",
    kinds=(
        FileKind(
            "change-record",
            "devopslint.records.records:RecordFile",
            endings=(".json", ".yaml", ".yml"),
            mark=r"agentName[\"']?\s*:",
            reads="devopslint.records.names:reads_as_records",
        ),
    ),
)
