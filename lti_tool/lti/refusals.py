"""Why a login or a launch is not accepted: one code per reason. The sentences people read are made elsewhere."""

from __future__ import annotations

from enum import StrEnum


class Refusal(StrEnum):
    """Every reason. A fact named in brackets comes along in `LaunchRefused.facts`."""

    # login initiation (Security Framework 1.1, section 5.1.1.1)
    LOGIN_INCOMPLETE = "login_incomplete"
    """A required parameter is missing (parameter)."""
    LOGIN_PARAMETER_TOO_LONG = "login_parameter_too_long"
    """(parameter)"""
    PLATFORM_UNKNOWN = "platform_unknown"
    PLATFORM_AMBIGUOUS = "platform_ambiguous"
    """Several registrations fit, and the deployment does not say which."""
    PLATFORM_MOVED = "platform_moved"
    """The LMS answers at another address now; told by whoever keeps the registrations."""

    # what comes back from the platform
    STATE_MISSING = "state_missing"
    STATE_INVALID = "state_invalid"
    STATE_EXPIRED = "state_expired"
    """The login took longer than ten minutes."""
    BROWSER_MISMATCH = "browser_mismatch"
    """The cookie of this login is there, but belongs to another one."""
    PLATFORM_ERROR = "platform_error"
    """The platform answered the login with an error (error)."""
    STATE_USED = "state_used"
    """This launch has already been accepted once; told by whoever keeps the used states."""

    # the id_token as a signed thing
    TOKEN_MISSING = "token_missing"
    TOKEN_TOO_LONG = "token_too_long"
    TOKEN_MALFORMED = "token_malformed"
    ALGORITHM_REFUSED = "algorithm_refused"
    KEY_ID_MISSING = "key_id_missing"
    KEY_UNKNOWN = "key_unknown"
    KEY_UNUSABLE = "key_unusable"
    """The platform's key is not an RSA signing key of at least 2048 bits for RS256."""
    KEYS_UNAVAILABLE = "keys_unavailable"
    """The platform's key set cannot be read (reason)."""
    SIGNATURE_INVALID = "signature_invalid"

    # the id_token as a message for us, now
    ISSUER_MISMATCH = "issuer_mismatch"
    AUDIENCE_MISMATCH = "audience_mismatch"
    AUTHORIZED_PARTY_MISMATCH = "authorized_party_mismatch"
    TIMES_MISSING = "times_missing"
    TOKEN_EXPIRED = "token_expired"
    """(seconds) since it ran out: two clocks may differ."""
    TOKEN_FROM_FUTURE = "token_from_future"
    """(seconds) ahead of our clock."""
    TOKEN_TOO_OLD = "token_too_old"
    """(seconds) since it was issued."""
    NONCE_MISMATCH = "nonce_mismatch"
    DEPLOYMENT_MISMATCH = "deployment_mismatch"
    """Another deployment than the login named."""

    # the claims (LTI Core 1.3, section 5.3)
    VERSION_UNSUPPORTED = "version_unsupported"
    MESSAGE_TYPE_UNSUPPORTED = "message_type_unsupported"
    DEPLOYMENT_INVALID = "deployment_invalid"
    TARGET_MISSING = "target_missing"
    TARGET_FOREIGN = "target_foreign"
    USER_MISSING = "user_missing"
    """No `sub`: an anonymous launch."""
    USER_INVALID = "user_invalid"
    ROLES_INVALID = "roles_invalid"
    RESOURCE_LINK_INVALID = "resource_link_invalid"
    DEEP_LINKING_INVALID = "deep_linking_invalid"
    REVIEW_INVALID = "review_invalid"
    """A submission review that does not say whose submission, or of what."""
    CLAIM_INVALID = "claim_invalid"
    """A claim has the wrong type (claim)."""


class LaunchRefused(Exception):
    """A login or launch that is not accepted. Holds nothing personal: its facts may be shown and logged."""

    def __init__(
        self,
        code: Refusal,
        *,
        platform_id: int | None = None,
        state_hash: str | None = None,
        **facts: str | int,
    ) -> None:
        super().__init__(code.value)
        self.code = code
        self.facts = facts
        self.platform_id = platform_id
        """The registration meant, as soon as it is known."""
        self.state_hash = state_hash
        """Set when the state was ours and fresh: it should count as used now."""
