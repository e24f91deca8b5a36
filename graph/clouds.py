"""The national clouds: a token of one is worth nothing in another.

https://learn.microsoft.com/graph/deployments
"""

from collections.abc import Mapping

AUTHORITIES: Mapping[str, str] = {
    "https://graph.microsoft.com": "https://login.microsoftonline.com",
    "https://graph.microsoft.us": "https://login.microsoftonline.us",
    "https://dod-graph.microsoft.us": "https://login.microsoftonline.us",
    "https://microsoftgraph.chinacloudapi.cn": "https://login.chinacloudapi.cn",
}
"""Graph root → Entra authority: global and GCC, US Government L4 (GCC High) and L5 (DoD), China (21Vianet)."""
