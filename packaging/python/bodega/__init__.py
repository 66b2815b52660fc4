"""Bodega, one server for S3, DynamoDB, KMS, STS and Redis. This package holds its program."""

import os
import sys


def program():
    """The path of the program, for who wants to start it without Python between."""
    return os.path.join(os.path.dirname(__file__), "bin", "bodega")


def main():
    """Becomes the program: signals and the exit status are its own."""
    os.execv(program(), ["bodega", *sys.argv[1:]])
