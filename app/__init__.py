"""Throughcare: consent-gated exchange between courts, police and drug-treatment clinics."""

__version__ = "0.1.0"
