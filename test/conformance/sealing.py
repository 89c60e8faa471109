"""PROTOCOL.md sections 5 and 6: derived keys, sealing, key phases, ConnectTokens."""

import base64
import hashlib
import os
import time

from nacl import bindings
from nacl.exceptions import CryptoError

from strict_msgpack import pack

DEVELOPMENT_KEY_ID = bytes(4)
DEVELOPMENT_KEY = b"tickwire development key: public"
FORMER_KEY_MS = 3000
PHASE_PACKETS = 2**20
PHASE_MS = 30 * 60 * 1000


class Forged(Exception):
    """It does not open."""


def blake2b(size, message, key=b""):
    return hashlib.blake2b(message, digest_size=size, key=key).digest()


def shared_secret(secret, public):
    try:
        shared = bindings.crypto_scalarmult(secret, public)
    except CryptoError:
        raise Forged("the X25519 result is zero") from None
    if shared == bytes(32):
        raise Forged("the X25519 result is zero")
    return shared


def nonce_of(iv, number):
    counted = bytes(4) + number.to_bytes(8, "big")
    return bytes(a ^ b for a, b in zip(iv, counted, strict=True))


def seal(key, iv, number, header, body):
    """The whole packet."""
    sealed = bindings.crypto_aead_chacha20poly1305_ietf_encrypt(
        body, b"tickwire" + header, nonce_of(iv, number), key
    )
    return header + sealed


def open_sealed(key, iv, number, header, sealed):
    try:
        return bindings.crypto_aead_chacha20poly1305_ietf_decrypt(
            sealed, b"tickwire" + header, nonce_of(iv, number), key
        )
    except (CryptoError, ValueError, TypeError):
        raise Forged("it does not open") from None


class Keys:
    """Key and IV of one direction in one phase."""

    def __init__(self, material):
        self.key = material[:32]
        self.iv = material[32:44]

    @classmethod
    def derive(cls, token_key, label, shared, transcript):
        return cls(blake2b(44, label + shared + transcript, key=token_key))

    def next(self):
        return Keys(blake2b(44, b"tickwire ku", key=self.key))


class SealingKeys:
    """The sender's side of key phases."""

    def __init__(self, keys, phase_packets=PHASE_PACKETS):
        self.keys = keys
        self.phase = 0
        self.changes = 0
        self.phase_packets = phase_packets
        self.first = 1
        self.first_sent_at = None
        self.is_confirmed = False

    def on_acked(self, number):
        if number >= self.first:
            self.is_confirmed = True

    def before(self, number, now):
        """Called right before packet `number` is sealed."""
        is_due = number - self.first >= self.phase_packets or (
            self.first_sent_at is not None and now - self.first_sent_at >= PHASE_MS
        )
        if is_due and self.is_confirmed:
            self.keys = self.keys.next()
            self.phase ^= 1
            self.changes += 1
            self.first = number
            self.first_sent_at = None
            self.is_confirmed = False
        if self.first_sent_at is None:
            self.first_sent_at = now


class OpeningKeys:
    """The receiver's side of key phases."""

    def __init__(self, keys):
        self.present = keys
        self.following = keys.next()
        self.former = None
        self.changed_at = 0
        self.phase = 0
        self.first = 1
        self.changes = 0

    def open(self, phase, number, newest, header, sealed, now):
        if phase == self.phase:
            return open_sealed(self.present.key, self.present.iv, number, header, sealed)
        if number < self.first:
            if self.former is None or now - self.changed_at > FORMER_KEY_MS:
                raise Forged("of a phase that is gone")
            return open_sealed(self.former.key, self.former.iv, number, header, sealed)
        if number <= newest:
            raise Forged("a change of keys below the newest")
        body = open_sealed(self.following.key, self.following.iv, number, header, sealed)
        self.former, self.present, self.following = self.present, self.following, self.following.next()
        self.phase ^= 1
        self.first = number
        self.changed_at = now
        self.changes += 1
        return body


class Token:
    """A ConnectToken and the key that comes with it."""

    def __init__(self, token, token_key):
        self.token = token
        self.key = token_key

    @property
    def text(self):
        return f"tw1.{_base64(self.token)}.{_base64(self.key)}"

    @classmethod
    def of_text(cls, text):
        parts = text.strip().split(".")
        if len(parts) != 3 or parts[0] != "tw1":
            raise ValueError("no token")
        token, token_key = (_of_base64(part) for part in parts[1:])
        if len(token_key) != 32:
            raise ValueError("a token key has 32 bytes")
        return cls(token, token_key)

    @classmethod
    def issue(
        cls,
        key_id=DEVELOPMENT_KEY_ID,
        backend_key=DEVELOPMENT_KEY,
        player_id="",
        expires_at=None,
        audience="tickwire",
        room="",
        name="",
        user_data=b"",
        token_id=None,
        token_key=None,
        nonce=None,
        spectate=False,
    ):
        token_key = token_key or os.urandom(32)
        expires_at = int(time.time()) + 60 if expires_at is None else expires_at
        claims = pack(
            [
                *[token_id or os.urandom(16), player_id, expires_at, audience, room, name, user_data],
                *[token_key, spectate],
            ]
        )
        return cls(seal_token(key_id, backend_key, nonce or os.urandom(24), claims), token_key)


def seal_token(key_id, backend_key, nonce, claims):
    sealed = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        claims, b"tickwire token" + bytes([1]) + key_id, nonce, backend_key
    )
    return pack([1, key_id, nonce, sealed])


def backend_key_text(key_id, key):
    return f"twkey1.{_base64(key_id)}.{_base64(key)}"


def _base64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _of_base64(text):
    data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _base64(data) != text:
        raise ValueError("not base64url in its one form")
    return data
