"""Names of regions: as a location, in a host, and in a cluster's DNS name."""


def host_region(region: str) -> str:
    """Return the region whose host serves this one: de/fra/2 shares that of de/fra (notes section 1)."""
    return "/".join(region.lower().replace("-", "/").split("/")[:2])


def region_in_dns(dns_name: str | None) -> str | None:
    """Return the region in a cluster's DNS name: pg-<16 characters>.postgresql.<region>.ionos.com (notes
    section 10)."""
    parts = (dns_name or "").split(".")
    return parts[2].replace("-", "/") if len(parts) >= 4 and parts[1] == "postgresql" else None
