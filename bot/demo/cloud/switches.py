"""The simulator's behaviour where the sources are silent, or the real API has been seen to misbehave.

Each field is one open question of `ionos-api-notes.md`, section 14 or the section named beside it.
The default is what is documented, else the likelier answer; what goes wrong in the field is off. Tests run
under both. Not modelled, because neither API shows them: the v2 pooler port and the v2 storage medium.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """Every switch, with its default. Replaced whole; never changed in place."""

    # Writes while a cluster is not at rest, and what 409 means.
    writes_while_busy: Literal["refuse", "accept"] = "refuse"
    v1_busy_status: int = 422
    """v1 documents no 409, so a refused v1 write is a validation error unless this says 409."""
    v2_conflict_on: Literal["busy", "busy_or_name_taken"] = "busy"
    """The reasons for 409 in v2. The second setting also refuses a PUT with another cluster's name."""

    # v2 PUT.
    v2_put_without_credentials: Literal["keep", "blank", "refuse"] = "keep"
    v2_put_creates: bool = True
    """False: a PUT of an unknown id is 404, which v2 documents as well."""
    v2_put_keeps_unfit: bool = True
    """A cluster that the vendor moved may be outside v2's limits (its fate is unknown: mapping, section 1).
    True: a PUT may leave such a value as it is. False: it is refused until every value fits."""
    v2_connection_mutable: bool = True
    v2_created_state: Literal["PROVISIONING", "AVAILABLE"] = "PROVISIONING"
    """The state that the POST answer itself shows (section 5)."""
    v2_returns_credentials: bool = True
    """User name and database come back on GET (provider code) or never do (its guide); section 9."""
    v2_shows_restore: Literal["never", "while_running", "always", "both_forms"] = "never"
    """`restoreFromBackup` on GET after a restore (section 6). `both_forms` carries both alternatives'
    fields at once, which neither official SDK can decode. Python's 3.0.1 decodes neither form: each field
    is optional to it, so that both alternatives match whatever comes (tests/sdk)."""

    # Reading v2.
    v2_filter_name_case_sensitive: bool = False
    v2_next_after_last_page: bool = False
    """True: `_links.next` stays set after the last page (section 7: Terraform provider, before 6.7.33)."""
    v2_omits_empty_items: bool = False
    """True: a list answer has no `items` when there are none (section 13.7: the field is optional)."""
    v2_versions: tuple[str, ...] = ("14", "15", "16", "17", "18")
    v2_backup_locations: tuple[str, ...] = ()
    """Empty: each region's own list in `places`. Else this list, in every region."""
    v2_accepts_basic: bool = False
    v2_contract_header: Literal["honoured", "ignored", "refused"] = "honoured"
    v2_path_prefix: bool = False
    """True: v2 answers below `/v2` as well as without."""

    # v1.
    v1_versions: tuple[str, ...] = ("14", "15", "16")
    v1_null_connections: Literal["keep", "detach", "refuse"] = "keep"
    """The effect of `"connections": null` in a PATCH (section 13.4)."""
    v1_patch_delay_seconds: float = 0.0
    """For this long after a PATCH the old AVAILABLE can still be read (section 4: the Terraform provider
    sleeps 5 s before it looks). The answer of the PATCH itself shows the old state in any case, as the
    guide's samples do."""
    v1_transient_failed: bool = False
    """True: a changing cluster shows FAILED for a while and recovers (section 4: ISS 97 and DB-4696)."""
    v1_quick_deletions_fail: bool = False
    """True: two user or database deletions of one cluster within 10 s give 500 (section 4: ISS 695)."""
    v1_new_database_hidden_seconds: float = 0.0
    """For this long a new database is missing from the list (section 4: a test of ionosctl is skipped for
    it)."""
    v1_password_change_ignored: bool = False
    """PATCH of a user answers 200 and changes nothing (section 9, ISS 985)."""
    v1_log_range: Literal["refuse", "clamp"] = "refuse"
    """Log times out of range: 422, or cut to the range (section 8)."""
    v1_reports_fra_2: bool = True
    """False is the known defect: a cluster of de/fra/2 is shown as de/fra (section 1)."""
    v1_guide_links: bool = False
    """True: lists have `_links` and `previous`, as samples in the guide do (section 7)."""

    # Both.
    sort: Literal["created", "name", "id"] = "created"
    error_body: Literal["full", "no_codes", "empty"] = "full"
    rate_per_minute: int = 0
    """Requests per contract, address and minute of the virtual clock before 429; 0 means no limit."""
    caching: Literal["none", "etag"] = "none"
    idempotency_keys: bool = False
    """True: a POST repeated with the same `Idempotency-Key` gets the first answer again."""
    guide_ranges_forbidden: bool = False
    """True: the address ranges that only the guide page forbids are refused too (section 10)."""
    v1_clusters_in_v2: bool = False
    """Whether a v1 cluster can be read in v2 before its move (mapping, section 1)."""
    v2_clusters_in_v1: bool = False
    """Whether a v2 cluster, moved or born there, can be read in v1."""
    restore_trace: Literal["full", "late", "none"] = "full"
    """The visible traces of a restore: state, `lastModifiedDate` and a new backup; the same but only after
    `Durations.late_trace`; or none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Durations:
    """The durations of operations, in seconds of the virtual clock."""

    create: float = 180
    change: float = 60
    upgrade: float = 240
    restore: float = 300
    delete: float = 90
    user: float = 20
    network: float = 10
    base_backup: float = 60
    late_trace: float = 120
