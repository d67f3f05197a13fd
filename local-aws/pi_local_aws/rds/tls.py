"""The certificate of the database servers: RDS always offers TLS, and a parameter group may insist on it."""

import datetime
import ipaddress
import os
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

_DAYS = 3650


def write(folder: Path, address: str) -> tuple[str, str]:
    """Make key and certificate of a server in ``folder``, unless they are there; their names."""
    key_file, certificate_file = folder / 'server-key.pem', folder / 'server-cert.pem'
    if not certificate_file.is_file():
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, address)])
        now = datetime.datetime.now(datetime.timezone.utc)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=_DAYS))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), False)
            .sign(key, hashes.SHA256())
        )
        key_file.touch(mode=0o600)
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        beside = certificate_file.with_suffix('.part')
        beside.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        os.replace(beside, certificate_file)
    return key_file.name, certificate_file.name


def unchecked() -> ssl.SSLContext:
    """TLS to a server of this process, on the loopback interface: there is nobody else to be taken for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
