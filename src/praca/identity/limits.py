"""Keys under which failed sign-ins are counted: they tell nobody's name, CPF or address."""

import hashlib
import hmac
import ipaddress

from praca.kit.cpf import is_valid_cpf, normalize_cpf

__all__ = ["FailureKeys"]

_PURPOSE = b"praca sign-in failures"
_IPV6_NETWORK_BITS = 64


class FailureKeys:
    """Derives the counters' keys with a secret, so that the table cannot be searched by name."""

    def __init__(self, signing_key: str) -> None:
        self._key = hmac.digest(signing_key.encode(), _PURPOSE, hashlib.sha256)

    def of_name(self, name: str) -> str:
        """Return the key of a name as typed; spelling variants of a CPF share one."""
        folded = normalize_cpf(name) if is_valid_cpf(name) else name.strip().casefold()
        return "account:" + self._digest(folded)

    def of_address(self, address: str) -> str:
        """Return the key of a network address; of IPv6 the network, as a home has billions."""
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            network = address
        else:
            network = str(parsed)
            if isinstance(parsed, ipaddress.IPv6Address):
                network = str(ipaddress.ip_network((parsed, _IPV6_NETWORK_BITS), strict=False))
        return "address:" + self._digest(network)

    def _digest(self, value: str) -> str:
        return hmac.new(self._key, value.encode(), hashlib.sha256).hexdigest()
