"""`blake2b` and `sha256` without OpenSSL, where Python has its own: `hashlib` loads it, which takes 2 ms and 3.5 MB."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import blake2b as blake2b
    from hashlib import sha256 as sha256
else:
    try:  # as the standard library's `random` does it
        from _blake2 import blake2b as blake2b

        if sys.version_info >= (3, 12):
            from _sha2 import sha256 as sha256
        else:
            from _sha256 import sha256 as sha256
    except ImportError:  # a Python that was built without them
        from hashlib import blake2b as blake2b
        from hashlib import sha256 as sha256
