"""The portal from Python: submit jobs, watch them, fetch their traces. It needs the extra `portal`."""

from ganglion.web.portal.client import Client, RemoteJob
from ganglion.web.portal.hiaer import to_json as hiaer_json

__all__ = ["Client", "RemoteJob", "hiaer_json"]
