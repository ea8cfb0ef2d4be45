"""Trust errors: why a server can't be trusted, and what to do about it, in words."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509
from OpenSSL.SSL import X509VerificationCodes as Codes

from chatroom.dialects.sanitize import clean

_UNKNOWN = (
    Codes.ERR_UNABLE_TO_GET_ISSUER_CERT,
    Codes.ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
    Codes.ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE,
    Codes.ERR_SELF_SIGNED_CERT_IN_CHAIN,
)

_MAX_NAMES = 3
"""Names of a certificate that are mentioned."""


class CannotTrust(Exception):
    """The server can't be trusted with anything confidential; the text says why, for people."""


def chain_error(error: int, certificate: x509.Certificate, *, own: bool) -> str:
    """
    Say what is wrong with *certificate*.

    :param error: one of its codes (``X509_verify_cert_error_string(3)``).
    :param own: whether the trusted certificates come from ``--ca``.
    """
    if error == Codes.ERR_CERT_HAS_EXPIRED:
        return (
            f"its certificate expired on {_day(certificate.not_valid_after_utc)}. Its administrator has to renew it."
        )
    if error == Codes.ERR_CERT_NOT_YET_VALID:
        day = _day(certificate.not_valid_before_utc)
        return f"its certificate is not valid before {day}. Is this machine's clock right?"
    if error == Codes.ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return _untrusted("its certificate is self-signed, so anybody could have made it", own)
    if error in _UNKNOWN:
        return _untrusted("its certificate is not signed by anybody who is trusted here", own)
    return f"its certificate is invalid (OpenSSL error {error})."


def name_error(certificate: x509.Certificate, host: str) -> str:
    """Say that *certificate* is not for *host*, but for others."""
    names = _names(certificate)
    if not names:
        return f"its certificate is not for {host}, nor for any other host."
    others = f" and {len(names) - _MAX_NAMES} more" if len(names) > _MAX_NAMES else ""
    return f"its certificate is for {', '.join(names[:_MAX_NAMES])}{others}, not for {host}."


def not_tls_error(data: bytes) -> str:
    """Say that the server does not speak TLS; *data* is the start of its answer."""
    line = clean(data.partition(b"\n")[0].decode(errors="replace"))[:300]
    # Quote only what looks like a chatroom server; nothing vouches for it.
    words = f" It says: {line.removeprefix('!! ')}" if line.startswith("!! ") else ""
    return f"it does not speak TLS.{words}"


def _untrusted(what: str, own: bool) -> str:
    if own:
        return f"{what}, and the file given with --ca does not vouch for it."
    return f"{what}. If you know who runs the server, ask them for its certificate and give the file with --ca."


def _names(certificate: x509.Certificate) -> list[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    names = [*found.get_values_for_type(x509.DNSName), *map(str, found.get_values_for_type(x509.IPAddress))]
    return [clean(name)[:100] for name in names]


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"
