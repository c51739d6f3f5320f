"""What policies of AWS may ask for in their conditions."""

from __future__ import annotations

ASKS_HOW = frozenset(("aws:securetransport", "s3:tlsversion", "aws:currenttime", "aws:epochtime"))
"""Keys, in lower case, of how or when is asked, and not of who asks."""
