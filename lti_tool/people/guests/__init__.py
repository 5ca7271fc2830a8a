"""Guests: people of organizations without an LMS, invited one by one: external partners and such organizations'
coordinators. They come in by a personal link once, then by a passkey or by a code sent to their e-mail address."""
