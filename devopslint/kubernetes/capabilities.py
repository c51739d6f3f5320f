"""The capabilities that containers may add, by what they lead to."""

from __future__ import annotations

DANGEROUS_CAPABILITIES = frozenset(
    ("ALL", "BPF", "DAC_READ_SEARCH", "NET_ADMIN", "SYS_BOOT", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO")
)
"""Each of them is a way out of the container; SYS_ADMIN, the widest, has a rule of its own."""

BASELINE_CAPABILITIES = frozenset(
    (
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
        "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    )
)  # fmt: skip
"""What the baseline level lets a container add."""

DEFAULT_CAPABILITIES = BASELINE_CAPABILITIES | {"NET_ADMIN", "NET_RAW"}
